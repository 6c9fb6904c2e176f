/**
 * Bytes as wiredoc keeps them while it compares: a string with one UTF-16 unit (0 to 255) for each byte, which the
 * engine stores in one byte and compares with memcmp. Text, in contrast, is what people read and write: decoded UTF-8,
 * in which a byte that is not valid UTF-8 stands as the lone surrogate U+DC80 + (byte - 0x80), so that no byte is lost.
 */
export type ByteString = string;

const ASCII = /^[\x00-\x7f]*$/;

/** The UTF-8 bytes of a text; an escaped byte (a lone surrogate U+DC80 to U+DCFF) becomes that byte again. */
export function encodeText(text: string): ByteString {
  if (ASCII.test(text)) return text;
  if (!/[\udc80-\udcff]/.test(text)) return Buffer.from(text, "utf8").toString("latin1");
  return text.replace(/[^\x00-\x7f]+/g, (run) =>
    run.replace(/[\ud800-\udbff][\udc00-\udfff]|[\s\S]/g, (char) => {
      const unit = char.charCodeAt(0);
      const escaped = char.length === 1 && unit >= 0xdc80 && unit <= 0xdcff;
      return escaped ? String.fromCharCode(unit - 0xdc00) : Buffer.from(char, "utf8").toString("latin1");
    }),
  );
}

/** A well-formed UTF-8 sequence (RFC 3629, section 4), or any other single byte above 0x7f. */
const SEQUENCE =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/** The text of bytes; the inverse of {@link encodeText}. */
export function decodeText(bytes: ByteString): string {
  if (ASCII.test(bytes)) return bytes;
  const text = Buffer.from(bytes, "latin1").toString("utf8");
  if (!text.includes("\ufffd")) return text;
  return bytes.replace(SEQUENCE, (sequence) =>
    sequence.length === 1
      ? String.fromCharCode(0xdc00 + sequence.charCodeAt(0))
      : Buffer.from(sequence, "latin1").toString("utf8"),
  );
}

export const toBytes = (bytes: ByteString): Uint8Array => Buffer.from(bytes, "latin1");

export const fromBytes = (bytes: Uint8Array): ByteString =>
  (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString("latin1");

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  "\r": "\\r",
  "\n": "\\n",
  "\t": "\\t",
  "\0": "\\0",
  "\\": "\\\\",
};
/**
 * What could move the cursor, hide or reorder text on a terminal: C0 and C1 controls, bidirectional and zero-width
 * characters, separators that break lines, and bytes that are not valid UTF-8.
 */
const INVISIBLE =
  /[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\ud800-\udfff]/gu;

function escapeCharacter(char: string): string {
  const named = NAMED_ESCAPES[char];
  if (named !== undefined) return named;
  const code = char.codePointAt(0)!;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}

/** Whether a text holds printable ASCII only. Most texts do, and the test is fast. */
export const isPlainText = (text: string): boolean => /^[ -~]*$/.test(text);

/** Text with everything invisible written as the escapes of ` (esc)` (format guide, section 4). */
export const escapeInvisible = (text: string): string =>
  isPlainText(text) ? text : text.replace(INVISIBLE, escapeCharacter);

/** Text with every character beyond ASCII as an escape too, for lines that look the same and are not. */
export const escapeAccents = (text: string): string =>
  escapeInvisible(text).replace(/[^\x00-\x7f]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);

/** Text for a terminal or a page: as it is where every character shows, with escapes where one does not. Tabs stay. */
export const displayText = (text: string): string =>
  isPlainText(text) ? text : text.replace(INVISIBLE, (char) => (char === "\t" ? char : escapeCharacter(char)));

/**
 * A received line (without its ending) as a document writes it: as it is, or as ` (esc)` where it is not valid UTF-8,
 * holds control characters other than tab, or ends in white space (format guide, section 4). Text at its end that looks
 * like a suffix gets a backslash.
 */
export function writeLine(bytes: ByteString): string {
  const text = decodeText(bytes);
  const shown = displayText(text);
  if (shown === text && !/\s$/.test(text)) return text.endsWith(")") ? withoutSuffix(text) : text;
  const escaped = escapeInvisible(text.replaceAll("\\", "\\\\")).replace(/\s$/u, (space) =>
    space === " " ? "\\x20" : `\\u{${space.codePointAt(0)!.toString(16)}}`,
  );
  return `${escaped.replace(SUFFIX, " \\(")} (esc)`;
}

const SUFFIX = / \((?=(?:re|esc|hex|no-eol|lf|crlf|json|\?|\*|!)\)$)/;
/** A backslash before a suffix makes it text. If the line has one there already, that one is escaped. */
const withoutSuffix = (text: string): string =>
  / \\\([a-z?*!-]+\)$/.test(text) ? `${text.replaceAll("\\", "\\\\")} (esc)` : text.replace(SUFFIX, " \\(");

/** Bytes as a ` (hex)` line writes them. */
export const writeBytes = (bytes: ByteString): string =>
  Buffer.from(bytes, "latin1")
    .toString("hex")
    .replace(/..(?=.)/g, "$& ");
