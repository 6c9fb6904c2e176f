/**
 * The messages that one party sends on a connection (RFC 9112), bytes to lines. Heads and trailers are shown as they came;
 * what else there is to know of requests or responses, their direction tells. After a change of protocol lines come without
 * framing.
 *
 * No byte is lost: what breaks off or breaks a rule is handed over as the part `cut`, what follows the last message as
 * `stray`.
 */
import type { ByteString } from "../../base/bytes.ts";
import type { Begun, Decoded, FlushReason, Pending } from "../codec.ts";
import { FramingError } from "../errors.ts";
import type { BodyFraming, Subject } from "./body-framing.ts";
import { BodyReader } from "./body-reader.ts";
import { type Coding, EncodedBodyError, tooLarge } from "./content.ts";
import type { StartLine } from "./head-lines.ts";
import { HeadReader } from "./head-reader.ts";
import { ByteStore } from "./lines.ts";
import { DecodedMessages, type MessageEnd, type Part } from "./messages.ts";

/** How the reader goes on after a head. */
export interface HeadReading {
  readonly part: Part;
  readonly to: number | undefined;
  readonly isInterim: boolean;
  readonly framing: BodyFraming;
  readonly codings: readonly Coding[];
  /** The body is a stream of events, which may have no end. */
  readonly isStream: boolean;
}

/** What tells the messages of one direction from those of the other. */
export interface MessageRules {
  readonly subject: Subject;
  readonly startLine: StartLine;
  /** Chunks are handed over as they came, with the lines around them. */
  readonly keepsChunks: boolean;
  /** Whether bytes between two messages have to wait, as nobody can tell yet what they are. */
  readonly waits: boolean;
  /** Whether a message may begin; where not, what comes is stray. */
  readonly isDue: boolean;
  /** Whether the protocol is no longer HTTP. */
  readonly isTunnel: boolean;
  /** @throws {FramingError} */
  readHead(lines: readonly ByteString[]): HeadReading;
  /** The message whose head was read last is complete. */
  end(): MessageEnd;
}

export class MessageReader {
  readonly #rules: MessageRules;
  readonly #limit: number;
  readonly #decoded = new DecodedMessages();
  readonly #waiting = new ByteStore();
  readonly #head: HeadReader;
  #body: BodyReader | undefined;
  /** Of the present message, in bytes: heads and what lies around chunks as they came, bodies decoded. */
  #size = 0;
  #isClosed = false;
  /** Where the close cut a message off. */
  #stopped: Omit<Begun, "bytes"> | undefined;
  #broken: FramingError | undefined;

  constructor(rules: MessageRules, limit: number) {
    this.#rules = rules;
    this.#limit = limit;
    this.#head = new HeadReader(rules.startLine);
  }

  get pending(): Pending {
    if (this.#broken) return "nothing";
    if (this.#body?.isStream) return "stream";
    if (this.#stopped || this.#body || !this.#head.isEmpty || this.#waiting.length > 0) return "message";
    return this.#decoded.heldOfBody + this.#decoded.heldOfStray > 0 ? "line" : "nothing";
  }

  /** Whether the next byte begins a message as any other does, where one is due. */
  get isIdle(): boolean {
    return this.pending === "nothing" && !this.#broken && !this.#isClosed;
  }

  get begun(): Begun {
    return { bytes: "", ...(this.#stopped ?? this.#place) };
  }

  get #place(): Omit<Begun, "bytes"> {
    const isWithinLine = !this.#head.isEmpty || this.#body?.isWithinLine || this.#decoded.heldOfBody > 0;
    return { where: this.#body ? this.#body.where : this.#head.where, isWithinLine };
  }

  /** @throws {FramingError} */
  decode(chunk: Uint8Array): readonly Decoded[] {
    return this.#take(() => {
      if (this.#isEndless) this.#size = this.#decoded.heldOfBody + this.#decoded.heldOfStray;
      this.#readWaiting();
      this.#read(chunk);
    });
  }

  /** Whether what comes has no end that anybody knows of. */
  get #isEndless(): boolean {
    if (this.#body) return this.#body.isStream;
    return this.#head.isEmpty && (this.#rules.isTunnel || !this.#rules.isDue);
  }

  /** @throws {FramingError} */
  flush(why: FlushReason): readonly Decoded[] {
    return this.#take(() => {
      switch (why) {
        case "bytes":
          return this.#release();
        case "silence":
          if (!this.#body) this.#release();
          return;
        case "closed":
          return this.#close(false);
        case "broken":
          return this.#close(true);
        default:
          return why satisfies never;
      }
    });
  }

  #release(): void {
    this.#decoded.releaseBody();
    this.#decoded.releaseStray();
  }

  /** Takes a step, and what it found. Once the framing is broken, it stays so. @throws {FramingError} */
  #take(step: () => void): readonly Decoded[] {
    if (this.#broken) throw this.#broken;
    try {
      step();
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.#broken = new FramingError(error.message);
      const encoded = error instanceof EncodedBodyError ? error : undefined;
      if (encoded) this.#decoded.addBody(encoded.decoded);
      this.#showCut(encoded?.rest);
      throw new FramingError(error.message, this.#decoded.take());
    }
    return this.#decoded.take();
  }

  /** Reads what waited, where it is known by now what it is. */
  #readWaiting(): void {
    if (this.#waiting.length === 0 || (this.#rules.waits && !this.#isClosed)) return;
    this.#size = 0;
    this.#read(Buffer.from(this.#waiting.take(), "latin1"));
  }

  #read(bytes: Uint8Array): void {
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < buffer.length; ) at = this.#step(buffer, at);
    this.#body?.showSoFar();
  }

  /** Reads from an offset on. @returns how far it came. */
  #step(bytes: Buffer, from: number): number {
    if (this.#body) return this.#readBody(this.#body, bytes, from);
    if (!this.#head.isEmpty) return this.#readHeadLine(bytes, from);
    const rest = bytes.subarray(from);
    if (this.#rules.isTunnel) this.show(rest);
    else if (this.#rules.waits && !this.#isClosed) {
      this.count(rest.length);
      this.#waiting.push(rest);
    } else if (!this.#rules.isDue) {
      this.count(rest.length);
      this.#decoded.addStray(rest);
    } else {
      this.#decoded.releaseStray();
      return this.#readHeadLine(bytes, from);
    }
    return bytes.length;
  }

  #readHeadLine(bytes: Buffer, from: number): number {
    const lf = bytes.indexOf(10, from);
    const end = lf < 0 ? bytes.length : lf + 1;
    this.count(end - from);
    if (this.#head.read(bytes.toString("latin1", from, end))) this.#endHead();
    return end;
  }

  #endHead(): void {
    const { part, to, isInterim, framing, codings, isStream } = this.#rules.readHead(this.#head.lines);
    this.#decoded.to = to;
    this.#decoded.isInterim = isInterim;
    this.#decoded.add(this.#head.take(), part);
    if (framing.kind === "none") return this.#endMessage();
    const rules = { framing, codings, isStream, keepsChunks: this.#rules.keepsChunks, limit: this.#limit };
    this.#body = new BodyReader(rules, this);
    if (this.#body.hasEnded) this.#endMessage();
  }

  #readBody(body: BodyReader, bytes: Buffer, from: number): number {
    const end = body.read(bytes, from);
    if (body.hasEnded) this.#endMessage();
    return end;
  }

  /** Counts bytes of the present message. @throws {FramingError} where it is too large. */
  count(bytes: number): void {
    this.#size += bytes;
    if (this.#size > this.#limit) throw tooLarge(this.#limit, this.#rules.subject);
  }

  /** Takes in bytes of a body as they are shown, or of what is no longer HTTP. @throws {FramingError} */
  show(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.count(bytes.length);
    this.#decoded.addBody(bytes);
  }

  #endMessage(): void {
    this.#body?.end(false);
    const trailers = this.#body?.trailers ?? NO_LINES;
    this.#body = undefined;
    // Interim responses count to the final one, so that there is an end to them.
    if (!this.#decoded.isInterim) this.#size = 0;
    this.#decoded.end(trailers, this.#rules.end());
  }

  /**
   * What a closed connection completes: a body without another end, unless the connection broke (RFC 9112, section 8).
   * Of what it cuts off, all there is is shown.
   */
  #close(isBroken: boolean): void {
    this.#isClosed = true;
    this.#readWaiting();
    const body = this.#body;
    if (!body) this.#release();
    if (body?.endsWithClose && !isBroken) return this.#endMessage();
    this.#head.refuseBeginning();
    const place = this.#place;
    if (body?.endsWithClose)
      this.#stopped = { where: "in the middle of the body, which a proper close ends", isWithinLine: false };
    else if (place.where !== undefined) this.#stopped = place;
    body?.end(true);
    this.#showCut(undefined);
  }

  /** Hands over all there is of a message that ends too early. */
  #showCut(encoded: Uint8Array | undefined): void {
    const lines = [...this.#head.take(), ...(this.#body?.rest(encoded) ?? [])];
    this.#body = undefined;
    this.#decoded.addCut(lines);
  }
}

const NO_LINES: readonly ByteString[] = [];
