import assert from "node:assert/strict";
import { crc32, deflateSync } from "node:zlib";
