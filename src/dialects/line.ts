/**
 * Lines over a stream: what is written is sent, what comes is cut at each LF. Where the expected reply holds bytes that
 * no line ending ends, they are handed on as they come.
 */
import { type ByteString, fromBytes, toBytes } from "../base/bytes.ts";
import { formatSize } from "../base/size.ts";
import {
  type Codec,
  type CodecContext,
  type Dialect,
  FramingError,
  type Message,
  type OutgoingExchange,
} from "./dialect.ts";
import { createLineCodec } from "./line-codec.ts";

/** How much a report gets to show of a line that is too long. */
const SHOWN = 1000;
const NO_MESSAGES: readonly Message[] = [];

export class LineCodec implements Codec {
  readonly #limit: number;
  /** Whether pieces of a line are handed on. */
  #piecewise = false;
  #partial: ByteString = "";

  constructor({ limit }: CodecContext) {
    this.#limit = limit;
  }

  get holds(): boolean {
    return this.#partial !== "";
  }

  get isIdle(): boolean {
    return !this.#piecewise && this.#partial === "";
  }

  begin({ sends, expects }: OutgoingExchange): Uint8Array {
    this.#piecewise = expects.some(({ ending }) => ending === "none");
    let bytes = "";
    for (const line of sends) bytes += line.bytes + line.ending;
    return toBytes(bytes);
  }

  decode(chunk: Uint8Array): readonly Message[] {
    const text = fromBytes(chunk);
    const lines: ByteString[] = [];
    let from = 0;
    for (let lf = text.indexOf("\n"); lf >= 0; lf = text.indexOf("\n", from)) {
      const line = text.slice(from, lf + 1);
      lines.push(this.#partial === "" ? line : this.#partial + line);
      this.#partial = "";
      from = lf + 1;
    }
    if (from < text.length) this.#partial += from === 0 ? text : text.slice(from);
    if (this.#partial.length > this.#limit) {
      const beginning = { lines: [...lines, this.#partial.slice(0, SHOWN)], complete: false, part: "" };
      this.#partial = "";
      throw new FramingError(`a line has no end within the limit of ${formatSize(this.#limit)}`, [beginning]);
    }
    return this.#messages(lines, this.#piecewise);
  }

  end(): readonly Message[] {
    return this.#messages([], true);
  }

  #messages(lines: ByteString[], withPiece: boolean): readonly Message[] {
    if (withPiece && this.#partial !== "") {
      lines.push(this.#partial);
      this.#partial = "";
    }
    return lines.length === 0 ? NO_MESSAGES : [{ lines, complete: false, part: "" }];
  }
}

export const line: Dialect = {
  name: "line",
  isVerbatim: true,
  sendsAnything: true,
  createCodec: (_side, context) => new LineCodec(context),
  createDuplex: createLineCodec,
};
