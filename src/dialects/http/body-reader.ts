/** The body of one message: where it ends, and what it is once its codings are undone. */
import { type ByteString, fromBytes } from "../../base/bytes.ts";
import type { BodyFraming } from "./body-framing.ts";
import { ChunkedBody } from "./chunked.ts";
import { type Coding, ContentDecoder } from "./content.ts";
import { MOST_SHOWN } from "./head-reader.ts";

/** How a body is read. */
export interface BodyRules {
  readonly framing: Exclude<BodyFraming, { readonly kind: "none" | "tunnel" }>;
  /** The codings to be undone, from the outermost on. */
  readonly codings: readonly Coding[];
  /** A stream of events, which may have no end. */
  readonly isStream: boolean;
  /** Chunks are handed over as they came, with the lines around them. */
  readonly keepsChunks: boolean;
  /** The largest body in bytes. */
  readonly limit: number;
}

/** What takes a body in. */
interface Sink {
  /** Bytes as a document shows them. @throws {FramingError} where they are too many. */
  show(bytes: Uint8Array): void;
  /** So many bytes that are not shown. @throws {FramingError} where they are too many. */
  count(bytes: number): void;
}

export class BodyReader {
  readonly isStream: boolean;
  readonly #sink: Sink;
  readonly #content: ContentDecoder | undefined;
  readonly #chunks: ChunkedBody | undefined;
  readonly #keepsChunks: boolean;
  /** The length that the head names, and how much of it is to come. Undefined where the head names none. */
  readonly #length: number | undefined;
  #left: number;

  /** @throws {FramingError} */
  constructor({ framing, codings, isStream, keepsChunks, limit }: BodyRules, sink: Sink) {
    this.isStream = isStream;
    this.#sink = sink;
    this.#content = codings.length > 0 ? new ContentDecoder(codings, limit) : undefined;
    this.#keepsChunks = keepsChunks;
    this.#length = framing.kind === "length" ? framing.length : undefined;
    this.#left = this.#length ?? 0;
    if (framing.kind === "chunked")
      this.#chunks = new ChunkedBody({
        takeData: (bytes) => this.#take(bytes),
        takeFraming: keepsChunks ? (bytes) => sink.show(bytes) : ({ length }) => sink.count(length),
      });
  }

  get hasEnded(): boolean {
    return this.#chunks ? this.#chunks.hasEnded : this.#length !== undefined && this.#left === 0;
  }

  /** Whether the close of the connection ends it. */
  get endsWithClose(): boolean {
    return !this.#chunks && this.#length === undefined;
  }

  /** Where the last byte that came stands; undefined where nothing is known of the end. */
  get where(): string | undefined {
    if (this.#length !== undefined) return `after ${this.#length - this.#left} of ${this.#length} bytes of the body`;
    return this.#chunks?.where;
  }

  /** Whether the awaited line may have begun, and not been handed over. */
  get isWithinLine(): boolean {
    return this.#content !== undefined || this.#chunks?.isWithinLine === true;
  }

  /** Lines after a body in chunks. */
  get trailers(): readonly ByteString[] {
    return this.#keepsChunks ? NO_LINES : (this.#chunks?.trailers ?? NO_LINES);
  }

  /** Reads from an offset on. @returns how far it came. @throws {FramingError} */
  read(bytes: Buffer, from: number): number {
    if (this.#chunks) return this.#chunks.read(bytes, from);
    const end = this.#length === undefined ? bytes.length : Math.min(from + this.#left, bytes.length);
    this.#left -= end - from;
    this.#take(from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end));
    return end;
  }

  /** Takes in bytes as they are encoded. */
  #take(bytes: Uint8Array): void {
    if (this.#content) this.#content.push(bytes);
    else this.#sink.show(bytes);
  }

  /** Shows what of a stream can be read so far. @throws {FramingError} */
  showSoFar(): void {
    if (this.isStream && this.#content) this.#sink.show(this.#content.soFar());
  }

  /** Shows the rest of what is encoded. `isCut`: the connection was closed in the middle of it. @throws {FramingError} */
  end(isCut: boolean): void {
    if (this.#content) this.#sink.show(this.#content.end(isCut));
  }

  /** What is read line by line and was not shown, or the bytes that could not be decoded. */
  rest(encoded: Uint8Array | undefined): readonly ByteString[] {
    const partial = encoded ? fromBytes(encoded) : this.#keepsChunks ? "" : (this.#chunks?.partial ?? "");
    return partial === "" ? this.trailers : [...this.trailers, partial.slice(0, MOST_SHOWN)];
  }
}

const NO_LINES: readonly ByteString[] = [];
