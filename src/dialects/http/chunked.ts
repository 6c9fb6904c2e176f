/** A body in chunked coding (RFC 9112, section 7.1), up to the empty line that ends its trailers. */
import { type ByteString, fromBytes } from "../../base/bytes.ts";
import type { LinePattern } from "../../match/pattern.ts";
import { FramingError, isFramingError } from "../errors.ts";
import { checkChunkLine, chunkSizeOf, notAtItsEnd } from "./chunks.ts";
import { checkFieldLine } from "./head-lines.ts";

/** What takes a body in. */
interface Sink {
  /** Data, without what lies around it. @throws {FramingError} where that is too much. */
  takeData(bytes: Uint8Array): void;
  /** What lies around it. @throws {FramingError} where that is too much. */
  takeFraming(bytes: Uint8Array): void;
}

type State = "size" | "data" | "data-end" | "trailers" | "ended";

export class ChunkedBody {
  readonly #sink: Sink;
  #state: State = "size";
  /** Of the line that has no LF so far; or of the CRLF that is due. */
  partial: ByteString = "";
  readonly trailers: ByteString[] = [];
  /** Of the present chunk: its size, and how much of it is to come. */
  #length = 0;
  #left = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  get hasEnded(): boolean {
    return this.#state === "ended";
  }

  get isWithinLine(): boolean {
    return this.#state === "trailers" || this.partial !== "";
  }

  /** Where the last byte that came stands. */
  get where(): string {
    switch (this.#state) {
      case "size":
        return this.partial === "" ? "before the last chunk" : "in the middle of the size of a chunk";
      case "data":
        return `after ${this.#length - this.#left} of ${this.#length} bytes of a chunk`;
      case "data-end":
        return "before the CRLF that ends a chunk";
      case "trailers":
      case "ended":
        return "in the middle of the trailers, before the empty line that ends them";
      default:
        return this.#state satisfies never;
    }
  }

  /** Reads from an offset on, and answers how far it came. @throws {FramingError} */
  read(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length && this.#state !== "ended")
      at =
        this.#state === "data"
          ? this.#readData(bytes, at)
          : this.#state === "data-end"
            ? this.#readDataEnd(bytes, at)
            : this.#readLine(bytes, at);
    return at;
  }

  #readLine(bytes: Buffer, from: number): number {
    const lf = bytes.indexOf(10, from);
    const end = lf < 0 ? bytes.length : lf + 1;
    this.#sink.takeFraming(bytes.subarray(from, end));
    this.partial += bytes.toString("latin1", from, end);
    const isSize = this.#state === "size";
    if (isSize) checkChunkLine(this.partial.length);
    if (lf < 0) return end;
    if (isSize) this.#takeSize(this.partial);
    else this.#takeTrailer(this.partial);
    this.partial = "";
    return end;
  }

  #takeSize(line: ByteString): void {
    this.#length = chunkSizeOf(line);
    this.#left = this.#length;
    this.#state = this.#length === 0 ? "trailers" : "data";
  }

  #readData(bytes: Buffer, from: number): number {
    const end = Math.min(from + this.#left, bytes.length);
    this.#left -= end - from;
    this.#sink.takeData(bytes.subarray(from, end));
    if (this.#left === 0) this.#state = "data-end";
    return end;
  }

  #readDataEnd(bytes: Buffer, from: number): number {
    const byte = bytes.subarray(from, from + 1);
    this.#sink.takeFraming(byte);
    this.partial += fromBytes(byte);
    if (!"\r\n".startsWith(this.partial)) throw notAtItsEnd(this.#length, this.partial);
    if (this.partial === "\r\n") {
      this.partial = "";
      this.#state = "size";
    }
    return from + 1;
  }

  #takeTrailer(line: ByteString): void {
    if (!checkFieldLine(line, "trailer")) {
      this.trailers.push(line);
      return;
    }
    // Where the trailers end with LF, it may too. Else it is a line of chunked coding.
    if (line === "\n" && !/[^\r]\n$/.test(this.trailers.at(-1) ?? ""))
      throw new FramingError("the empty line after the trailers ends with LF, expected CRLF");
    this.#state = "ended";
  }
}

/** The data of a body that came with the lines around its chunks, as far as these are right. */
export function dataOfChunks(body: ByteString): ByteString {
  let data = "";
  const chunks = new ChunkedBody({ takeData: (bytes) => (data += fromBytes(bytes)), takeFraming: () => {} });
  try {
    chunks.read(Buffer.from(body, "latin1"), 0);
  } catch (error) {
    // Told where it was read first.
    if (!isFramingError(error)) throw error;
  }
  return data;
}

/** Whether a request is compared without the lines around its chunks: the author left to the client how it sends the body. */
export const areChunksOpen = (written: readonly LinePattern[], codings: ByteString | undefined): boolean =>
  /(?:^|[\s,])chunked$/i.test(codings ?? "") &&
  !written.some(({ source }) => /^transfer-encoding[ \t]*:/i.test(source));
