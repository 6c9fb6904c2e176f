/** Characters in bytes: a well-formed UTF-8 sequence (RFC 3629, section 4), or any other byte by itself. */
import type { ByteString } from "../base/bytes.ts";

export interface CharacterAt {
  /** Its code point; of a byte that is no UTF-8, 0xdc00 more than the byte, as in decoded text. */
  readonly code: number;
  /** In bytes. */
  readonly size: number;
}

/** The character at a place; undefined where it may go on beyond the bytes that are there. */
export function characterAt(bytes: Uint8Array, at: number, end: number): CharacterAt | undefined {
  const lead = bytes[at]!;
  if (lead < 0x80) return { code: lead, size: 1 };
  const size = sizeOf(lead);
  let code = lead & (0xff >> (size + 1));
  for (let i = 1; i < size; i++) {
    if (at + i >= end) return undefined;
    const byte = bytes[at + i]!;
    if (!continues(lead, i, byte)) return { code: 0xdc00 + lead, size: 1 };
    code = (code << 6) | (byte & 0x3f);
  }
  return size === 1 ? { code: 0xdc00 + lead, size } : { code, size };
}

/** Of the sequence that a byte begins; 1 where it begins none. */
const sizeOf = (lead: number): number => (lead < 0xc2 || lead > 0xf4 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);

/** Whether a byte may stand at a place of the sequence; the first ones forbid longer forms than needed, and surrogates. */
function continues(lead: number, i: number, byte: number): boolean {
  const least = i > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = i > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return byte >= least && byte <= most;
}

/** How many bytes the character at a place takes. */
export function sizeAt(bytes: ByteString, at: number): number {
  const lead = bytes.charCodeAt(at);
  const size = sizeOf(lead);
  for (let i = 1; i < size; i++) {
    if (at + i >= bytes.length || !continues(lead, i, bytes.charCodeAt(at + i))) return 1;
  }
  return size;
}

/** The code of the character at a place, as in {@link CharacterAt}. */
export function codeAt(bytes: ByteString, at: number): number {
  const lead = bytes.charCodeAt(at);
  const size = sizeAt(bytes, at);
  if (size === 1) return lead < 0x80 ? lead : 0xdc00 + lead;
  let code = lead & (0xff >> (size + 1));
  for (let i = 1; i < size; i++) code = (code << 6) | (bytes.charCodeAt(at + i) & 0x3f);
  return code;
}

/** Whether a place lies within a character, which begins at `from` or later. */
export function isWithin(bytes: ByteString, from: number, at: number): boolean {
  const byte = bytes.charCodeAt(at);
  if (!(byte >= 0x80 && byte < 0xc0)) return false;
  for (let lead = at - 1; lead >= Math.max(from, at - 3); lead--) {
    if (bytes.charCodeAt(lead) >= 0xc0) return lead + sizeAt(bytes, lead) > at;
  }
  return false;
}
