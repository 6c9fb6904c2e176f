/** How what was heard is worded in the document: its line endings and bytes are decided by what comes first. */
import type { ByteString } from "../base/bytes.ts";
import { dumpLines } from "../base/dump.ts";
import type { Eol } from "../base/settings.ts";
import { writeText } from "../write/line-text.ts";
import { type ReplyLine, type ReplyStyle, writeReplyLine } from "../write/reply.ts";

/** A line of either party, worded. */
export type Worded = ReplyLine;

const END = { kind: "fence", marks: "```" } as const;
const NO_MARKERS = { client: undefined, reply: undefined } as const;

export class Wording {
  /** What ends a line of the document; undefined until a line has come. */
  eol: Eol | undefined;
  /** Whether every line of the document is ` (hex)`; undefined until the first bytes have come. */
  isHex: boolean | undefined;
  /** Whether line endings have no meaning in the dialect. */
  readonly #isFree: boolean;

  constructor(eol: Eol | undefined, isHex: boolean | undefined, isFree: boolean) {
    this.eol = eol;
    this.isHex = isHex;
    this.#isFree = isFree;
  }

  client(line: ByteString): Worded {
    return { text: writeText(line, "client", this.#style(line).ending), marked: true };
  }

  reply(line: ByteString): Worded {
    return writeReplyLine(line, this.#style(line));
  }

  /** Bytes as lines of a run. */
  bytes(bytes: ByteString): readonly Worded[] {
    return dumpLines(bytes, this.suffix).map((text) => ({ text, marked: false }));
  }

  get suffix(): string {
    return this.isHex ? "" : " (hex)";
  }

  #style(line: ByteString): ReplyStyle {
    if (line.endsWith("\n")) this.eol ??= line.endsWith("\r\n") ? "crlf" : "lf";
    return { ...STYLE, ending: this.#isFree ? "free" : (this.eol ?? "crlf") };
  }
}

const STYLE = { markers: NO_MARKERS, marker: "<<< ", end: END } as const;

/** Reply lines whose endings have no meaning. */
export const freeReply = (line: ByteString): Worded => writeReplyLine(line, { ...STYLE, ending: "free" });

/** Control characters that no text holds, and bytes that are not UTF-8. */
export function isText(bytes: ByteString): boolean {
  if (/^[\t\n\r -~]*$/.test(bytes)) return true;
  if (/[\0-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]/.test(bytes)) return false;
  return !Buffer.from(bytes, "latin1").toString("utf8").includes("\ufffd");
}
