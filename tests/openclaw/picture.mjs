// Makes real pictures: PNGs of noise, so that no two are the same and none compresses to almost
// nothing.

import { randomBytes } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";

const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const GREY = Buffer.from([8, 0, 0, 0, 0]);

/** A grey PNG of this size, one byte per pixel. */
export function png(width, height) {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  const rows = Array.from({ length: height }, () => Buffer.concat([Buffer.alloc(1), randomBytes(width)]));
  const chunks = [chunk("IHDR", size, GREY), chunk("IDAT", deflateSync(Buffer.concat(rows))), chunk("IEND")];
  return Buffer.concat([SIGNATURE, ...chunks]);
}

/** `[width, height]` of a complete PNG or JPEG, `undefined` for anything else. */
export function dimensions(bytes) {
  if (bytes.subarray(0, 8).equals(SIGNATURE) && bytes.toString("latin1", bytes.length - 8, bytes.length - 4) === "IEND") {
    return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  }
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8 || bytes.readUInt16BE(bytes.length - 2) !== 0xffd9) return undefined;
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    // The frame header has the size. All markers in this range are frame headers, except three.
    const isFrame = bytes[at + 1] >= 0xc0 && bytes[at + 1] <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(bytes[at + 1]);
    if (isFrame) return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}

function chunk(type, ...content) {
  const named = Buffer.concat([Buffer.from(type, "latin1"), ...content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(named.length - 4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
