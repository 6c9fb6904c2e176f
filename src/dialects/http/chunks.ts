/** The lines of chunked coding (RFC 9112, section 7.1). They end with CRLF, whatever `eol` says. */
import type { ByteString } from "../../base/bytes.ts";
import { formatSize } from "../../base/size.ts";
import { FramingError } from "../errors.ts";
import { quote } from "./head-lines.ts";

const WS = "[ \\t]*";
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const QUOTED = '"(?:[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"';
const EXTENSIONS = new RegExp(`^(?:${WS};${WS}${TOKEN}(?:${WS}=${WS}(?:${TOKEN}|${QUOTED}))?)*$`);

/** In bytes. Extensions that need more are an attack. */
const LONGEST_LINE = 65_536;

/** Refuses the line before a chunk where it is too long, complete or not. @throws {FramingError} */
export function checkChunkLine(length: number): void {
  if (length > LONGEST_LINE)
    throw new FramingError(`the line with the size of a chunk is larger than ${formatSize(LONGEST_LINE)}`);
}

/** The size in the line before a chunk. @throws {FramingError} */
export function chunkSizeOf(line: ByteString): number {
  checkChunkLine(line.length);
  if (!line.endsWith("\r\n")) throw new FramingError("the line with the size of a chunk ends with LF, expected CRLF");
  const text = line.slice(0, -2);
  const digits = /^[0-9A-Fa-f]*/.exec(text)![0];
  if (digits === "") throw new FramingError(`the size of a chunk is not a hexadecimal number: ${quote(line)}`);
  if (!EXTENSIONS.test(text.slice(digits.length)))
    throw new FramingError(
      /^[ \t]*;/.test(text.slice(digits.length))
        ? "the extension after the size of a chunk is malformed"
        : "the size of a chunk is not a hexadecimal number before CRLF",
    );
  const size = Number.parseInt(digits, 16);
  if (size > Number.MAX_SAFE_INTEGER) throw new FramingError("the size of a chunk is too large");
  return size;
}

/** `found`: the bytes that came where the CRLF after the data of a chunk is due. */
export const notAtItsEnd = (size: number, found: ByteString): FramingError =>
  new FramingError(
    `a chunk does not end where its size says: ${quote(found)} follows its ${size} byte${size === 1 ? "" : "s"}, expected CRLF`,
  );
