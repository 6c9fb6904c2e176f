/** The first bytes of a message that has begun and is not complete, for reports. */
import { type ByteString, fromBytes } from "../base/bytes.ts";

const MOST_BYTES = 1000;

export class Beginning {
  bytes: ByteString = "";

  /** A chunk has been read; `end` is where the last message in it was complete, 0 where none was. */
  note(chunk: Uint8Array, end: number): void {
    if (end > 0) this.bytes = "";
    const room = MOST_BYTES - this.bytes.length;
    if (end < chunk.length && room > 0) this.bytes += fromBytes(chunk.subarray(end, end + room));
  }
}
