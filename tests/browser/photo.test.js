import assert from "node:assert/strict";
import { deflateSync, crc32 } from "node:zlib";
import { gone, has, newest, later, parts, sent, until } from "./chat.js";
import { suite } from "./suite.js";

/** A PNG of 40 × 30 pixels of one colour. */
function png(...colour) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.from([0, 0, 0, 40, 0, 0, 0, 30, 8, 2, 0, 0, 0]);
  const row = Buffer.from([0, ...Array.from({ length: 40 }, () => colour).flat()]);
  const rows = Buffer.concat(Array.from({ length: 30 }, () => row));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

const file = (name, buffer, mimeType = "image/png") => ({ name, mimeType, buffer });
const dataUri = (bytes) => `data:image/png;base64,${bytes.toString("base64")}`;

async function choose(page, entry, files) {
  await page.locator("#plus").click();
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("menuitem", { name: entry, exact: true }).click()]);
  await chooser.setFiles(files);
}

const loaded = (page) => until(page, () => {
  const images = [...document.querySelectorAll("#log [data-part=said] img")];
  return images.length > 0 && images.every((image) => image.naturalWidth === 40);
});

suite("photos", (test) => {
  test("a photo reaches the agent byte for byte", {}, async ({ page, agent }) => {
    const photo = png(250, 200, 40);
    await choose(page, "사진", [file("노을.png", photo)]);
    await page.locator("#previews").getByAltText("노을.png").waitFor();
    await page.locator("#send").click();
    const asked = await agent.asked("[사진 1장]");
    assert.deepEqual(asked.pictures, [dataUri(photo)]);
    await loaded(page);
    await gone(page.locator("#previews .tile"));
    await has(newest(page, "later"), "[사진 1장]");
  });

  test("photos of the secure image plugin come together", {}, async ({ page, agent }) => {
    const photos = [png(200, 30, 30), png(30, 200, 30), png(30, 30, 200)];
    await choose(page, "보안 이미지 플러그인", photos.map((photo, n) => file(`${n}.png`, photo)));
    await page.locator("#previews").getByRole("button", { name: "1.png 빼기" }).click();
    await page.locator("#send").click();
    const asked = await agent.asked("사진을 전송했습니다.\n\n[사진 2장]");
    assert.deepEqual(asked.pictures, [photos[0], photos[2]].map(dataUri));
    await has(newest(page, "said"), "보안 이미지 2장");
    await loaded(page);
  });

  test("what is no photo stays here, a text beside a photo goes along", {}, async ({ page, agent }) => {
    await choose(page, "사진", [file("글.txt", Buffer.from("글"), "text/plain"), file("바다.png", png(20, 90, 160))]);
    await has(page.locator("#toasts"), "글.txt: JPEG, PNG, GIF, WebP 사진만 보낼 수 있어요.");
    assert.equal(await page.locator("#previews .tile").count(), 1);
    await page.locator("#text").fill("여기가 어디일까요?");
    await page.keyboard.press("Enter");
    await later(page, await sent(page, "여기가 어디일까요?"));
    assert.equal(await parts(page, "said").count(), 2);
    assert.equal(agent.questions.flatMap(({ pictures }) => pictures).length, 1);
  });
});
