import type { ByteString } from "../../base/bytes.ts";

/** The bytes of pairs of hexadecimal digits. Undefined: there is something else, or half a pair. */
export function bytesOfHex(digits: string): ByteString | undefined {
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) return undefined;
  return Buffer.from(digits, "hex").toString("latin1");
}
