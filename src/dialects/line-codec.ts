/** Lines over a stream, the same in both directions: what is written is sent, what comes is cut at each LF. */
import { type ByteString, fromBytes, toBytes } from "../base/bytes.ts";
import { formatSize } from "../base/size.ts";
import type { LinePattern } from "../match/pattern.ts";
import type {
  Begun,
  Codec,
  CodecContext,
  Decoded,
  Direction,
  Encoded,
  Expectation,
  ExpectationContext,
  OutgoingLine,
  Pending,
  Request,
} from "./codec.ts";
import { FramingError } from "./errors.ts";
import { expectLines } from "./line-expectation.ts";

/** How many bytes of a line that is too long a report gets to show. */
const MOST_SHOWN = 1000;
const NO_REQUESTS: readonly Request[] = [];
const NOTHING: readonly Decoded[] = [];
const BEGUN: Begun = { bytes: "" };

const decoded = (lines: readonly ByteString[]): Decoded => ({ lines, part: "", to: undefined, ends: undefined });

class LineDirection implements Direction {
  /** The longest line in bytes, without its LF. */
  readonly #limit: number;
  #partial: ByteString = "";
  #broken: FramingError | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get pending(): Pending {
    return this.#partial === "" ? "nothing" : "line";
  }

  /** Nothing: the partial line is handed over by `flush`. */
  get begun(): Begun {
    return BEGUN;
  }

  encode(lines: readonly OutgoingLine[]): Encoded {
    let bytes = "";
    for (const line of lines) bytes += line.bytes + line.ending;
    return { bytes: toBytes(bytes), requests: NO_REQUESTS };
  }

  decode(chunk: Uint8Array): readonly Decoded[] {
    if (this.#broken) throw this.#broken;
    const text = fromBytes(chunk);
    const lines: ByteString[] = [];
    let from = 0;
    for (let lf = text.indexOf("\n"); lf >= 0; lf = text.indexOf("\n", from)) {
      const end = lf + 1;
      const line = this.#partial === "" ? text.slice(from, end) : this.#partial + text.slice(from, end);
      if (line.length > this.#limit + 1) throw this.#tooLong(lines, line);
      lines.push(line);
      this.#partial = "";
      from = end;
    }
    if (from < text.length) this.#partial += from === 0 ? text : text.slice(from);
    if (this.#partial.length > this.#limit) throw this.#tooLong(lines, this.#partial);
    return lines.length === 0 ? NOTHING : [decoded(lines)];
  }

  flush(): readonly Decoded[] {
    if (this.#partial === "") return NOTHING;
    const line = this.#partial;
    this.#partial = "";
    return [decoded([line])];
  }

  expect(lines: readonly LinePattern[], context: ExpectationContext): Expectation | undefined {
    return expectLines(lines, context, this.#limit);
  }

  /** The error shows the beginning of the line, however it was cut, and the lines before it. */
  #tooLong(lines: readonly ByteString[], line: ByteString): FramingError {
    const message = `a line has no end within the limit of ${formatSize(this.#limit)}`;
    this.#partial = "";
    this.#broken = new FramingError(message);
    return new FramingError(message, [decoded([...lines, line.slice(0, Math.min(MOST_SHOWN, this.#limit + 1))])]);
  }
}

export const createLineCodec = ({ limit }: CodecContext): Codec => ({
  requests: new LineDirection(limit),
  responses: new LineDirection(limit),
  // A line may be answered by any number of lines.
  owed: undefined,
});
