// Real pictures, made here: PNGs of noise, so that no two are the same and none compresses to nothing.

import { randomBytes } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";

const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const GREY = Buffer.from([8, 0, 0, 0, 0]);

/** A grey PNG of so many pixels, a byte each. */
export function png(width, height) {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  const rows = Array.from({ length: height }, () => Buffer.concat([Buffer.alloc(1), randomBytes(width)]));
  const chunks = [chunk("IHDR", size, GREY), chunk("IDAT", deflateSync(Buffer.concat(rows))), chunk("IEND")];
  return Buffer.concat([SIGNATURE, ...chunks]);
}

/** `width×height` of a PNG, `undefined` of anything else. */
export function dimensions(bytes) {
  if (!bytes.subarray(0, 8).equals(SIGNATURE) || bytes.toString("latin1", 12, 16) !== "IHDR") return undefined;
  return `${bytes.readUInt32BE(16)}×${bytes.readUInt32BE(20)}`;
}

function chunk(type, ...content) {
  const named = Buffer.concat([Buffer.from(type, "latin1"), ...content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(named.length - 4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
