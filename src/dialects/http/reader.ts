/**
 * The responses of one connection (RFC 9112), bytes to messages. Heads and trailers are shown as they came, a body as it is
 * once transfer and content codings are undone. After `101 Switching Protocols`, and after 2xx for CONNECT, lines come
 * without framing.
 *
 * No byte is lost: what breaks off or breaks a rule is handed over as the part `cut`, what follows the last response as
 * `stray`.
 */
import { type ByteString, fromBytes } from "../../base/bytes.ts";
import type { Eol } from "../../base/settings.ts";
import { FramingError, type Message, type Stopped } from "../dialect.ts";
import { ChunkedBody } from "./chunked.ts";
import { ContentDecoder, codingsOf, EncodedBodyError, tooLarge } from "./content.ts";
import { type BodyFraming, readHead } from "./head.ts";
import { HeadReader, MOST_SHOWN } from "./head-reader.ts";
import { isEventStream } from "./headers.ts";
import { ByteStore } from "./lines.ts";
import { ResponseMessages } from "./messages.ts";
import type { RequestHead } from "./request.ts";

/** What the next bytes belong to. `early`: nothing was asked yet, and they wait until something is. */
type State = "early" | "head" | BodyFraming["kind"];

export class ResponseReader {
  readonly #limit: number;
  /** Requests whose final response is not complete, oldest first. */
  readonly requests: RequestHead[] = [];
  /** What ends the lines of a head. */
  #eol: Eol = "crlf";
  /** The connection ends with the last response. */
  over = false;
  readonly #messages = new ResponseMessages();
  #state: State = "early";
  readonly #early = new ByteStore();
  readonly #head = new HeadReader();
  #keepAlive = true;
  #chunks: ChunkedBody | undefined;
  #content: ContentDecoder | undefined;
  /** A stream of events, which may have no end. */
  #live = false;
  /** Of a body whose length the head names: that, and how much of it is to come. */
  #length = 0;
  #left = 0;
  /** Of the reply so far, in bytes: heads and what lies around chunks as they came, bodies decoded. */
  #size = 0;
  /** Where the close cut a response off. */
  #stopped: Stopped | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether the connection was closed in the middle of a response. */
  get truncated(): boolean {
    return this.#stopped !== undefined;
  }

  /** Whether the protocol is no longer HTTP. */
  get isTunnel(): boolean {
    return this.#state === "tunnel";
  }

  get #isBetween(): boolean {
    return this.#state === "head" && this.#head.isEmpty;
  }

  /** Nothing is due and nothing of a response is there, and the next one is read as any other. */
  get isIdle(): boolean {
    const isBetween = this.#isBetween || (this.#state === "early" && this.#early.length === 0);
    return isBetween && this.requests.length === 0 && this.#messages.held === 0 && !this.over;
  }

  /** Whether the end of a response is to come: a stream of events may have none. */
  get isUnderWay(): boolean {
    if (this.#state === "tunnel" || this.#state === "early") return false;
    return this.#state === "head" ? !this.#isBetween : !this.#live;
  }

  /** Where in a response the last byte stands, where that is not its end. */
  get stopped(): Stopped | undefined {
    if (this.#stopped) return this.#stopped;
    const where = this.#where();
    return where === undefined ? undefined : { where, isWithinLine: this.#isWithinLine };
  }

  get #isWithinLine(): boolean {
    const isLine = this.#state === "head" || this.#chunks?.isWithinLine;
    return isLine || this.#messages.held > 0 || this.#content !== undefined;
  }

  #where(): string | undefined {
    switch (this.#state) {
      case "head":
        return this.#head.where;
      case "length":
        return `after ${this.#length - this.#left} of ${this.#length} bytes of the body`;
      case "chunked":
        return this.#chunks?.where;
      case "early":
      case "none":
      case "close":
      case "tunnel":
        return undefined;
      default:
        return this.#state satisfies never;
    }
  }

  /** A request was sent; what comes from now on may answer it. */
  ask(request: RequestHead): void {
    this.requests.push(request);
  }

  /** Another reply begins to count, be it in the middle of a response; the lines of heads in it end as `eol` says. */
  startReply(eol: Eol): void {
    this.#eol = eol;
    this.#size = 0;
    this.releaseStray();
  }

  /** Hands over what was found. */
  take(): readonly Message[] {
    return this.#messages.take();
  }

  /** @throws {FramingError} */
  read(chunk: Uint8Array): void {
    if (this.#state === "early" && this.requests.length === 0 && chunk.length > 0) {
      this.count(chunk.length);
      this.#early.push(chunk);
      return;
    }
    this.readEarly();
    this.#read(chunk);
  }

  /** Whether something came before the first request. */
  get hasEarly(): boolean {
    return this.#early.length > 0;
  }

  /** Reads what came before the first request as what answers it. @throws {FramingError} */
  readEarly(): void {
    if (this.#state !== "early") return;
    this.#state = "head";
    if (this.hasEarly) this.#read(Buffer.from(this.#early.take(), "latin1"));
  }

  /** Gives out what of a body has no LF so far. */
  releaseLine(): void {
    if (this.#state === "head") this.#messages.releaseStray();
    else this.#messages.releaseLine();
  }

  /** The same of what follows the last response, or the change of protocol. */
  releaseStray(): void {
    if (this.#state === "head" || this.#state === "tunnel") this.releaseLine();
  }

  /**
   * What a closed connection completes: a body without another end, unless the connection broke (RFC 9112, section 8).
   * Of what it cuts off, all there is is shown.
   * @throws {FramingError}
   */
  close(isBroken: boolean): void {
    this.readEarly();
    this.releaseStray();
    if (this.#state === "close" && !isBroken) return this.#showing(() => this.#endMessage());
    if (this.#state === "head" && this.#head.lines.length === 0) this.#showing(() => this.#head.refuseUnlessHttp());
    this.#stopped = this.stopped;
    if (this.#state === "close")
      this.#stopped = { where: "in the middle of the body, which a proper close ends", isWithinLine: false };
    this.#showing(() => {
      if (this.#content) this.#show(this.#content.end(true));
    });
    this.#content = undefined;
    this.#live = false;
    this.#showCut();
  }

  /** Reads bytes, and where they break the framing shows them up to there. */
  #read(bytes: Uint8Array): void {
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#showing(() => {
      for (let at = 0; at < buffer.length; ) at = this.#step(buffer, at);
      if (this.#live) this.#show(this.#content?.soFar() ?? NOTHING);
    });
  }

  /** Takes a step; where that finds the framing broken, all there is up to there is shown. @throws {FramingError} */
  #showing(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      const encoded = error instanceof EncodedBodyError ? error : undefined;
      if (encoded) this.#messages.addBody(encoded.decoded);
      this.#showCut(encoded && fromBytes(encoded.rest));
      throw error;
    }
  }

  /** Reads from an offset on, and answers how far it came. */
  #step(bytes: Buffer, from: number): number {
    switch (this.#state) {
      case "head":
        if (this.#isBetween && this.#isStray) return this.#readStray(bytes, from);
        return this.#readHeadLine(bytes, from);
      case "length":
        return this.#readCounted(bytes, from);
      case "chunked":
        return this.#readChunked(this.#chunks!, bytes, from);
      case "close":
      case "tunnel":
        this.takeBody(bytes.subarray(from));
        return bytes.length;
      case "early":
      case "none":
        throw new Error("these states have no bytes of their own");
      default:
        return this.#state satisfies never;
    }
  }

  /** Whether what comes between two responses can be no response: nothing asks for one. */
  get #isStray(): boolean {
    return this.requests.length === 0 && this.#messages.final > 0;
  }

  #readStray(bytes: Buffer, from: number): number {
    this.count(bytes.length - from);
    // More of it would be taken for the next response. A line ending is all there is.
    this.over ||= bytes.subarray(from).some((byte) => byte !== 10 && byte !== 13);
    this.#messages.addStray(bytes.subarray(from));
    return bytes.length;
  }

  #readHeadLine(bytes: Buffer, from: number): number {
    const lf = bytes.indexOf(10, from);
    const end = lf < 0 ? bytes.length : lf + 1;
    this.count(end - from);
    if (this.#head.read(bytes.toString("latin1", from, end), this.#eol)) this.#endHead();
    return end;
  }

  #endHead(): void {
    const { status, headers, framing, keepAlive } = readHead(this.#head.lines, this.requests[0]);
    const isInterim = status < 200 && status !== 101;
    this.#messages.isInterim = isInterim;
    this.#keepAlive = keepAlive;
    this.#messages.add(this.#head.take(), false, isInterim ? "interim" : "head");
    this.#state = framing.kind;
    switch (framing.kind) {
      case "none":
        return this.#endMessage();
      case "tunnel":
        return this.#endMessage();
      case "length":
        this.#length = framing.length;
        this.#left = framing.length;
        break;
      case "chunked":
        this.#chunks = new ChunkedBody(this);
        break;
      case "close":
        break;
      default:
        return framing satisfies never;
    }
    this.#live = isEventStream(headers);
    const { known } = codingsOf(headers);
    if (known.length > 0) this.#content = new ContentDecoder(known, this.#limit);
    if (framing.kind === "length" && framing.length === 0) this.#endMessage();
  }

  #readCounted(bytes: Buffer, from: number): number {
    const end = Math.min(from + this.#left, bytes.length);
    this.#left -= end - from;
    this.takeBody(from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end));
    if (this.#left === 0) this.#endMessage();
    return end;
  }

  #readChunked(chunks: ChunkedBody, bytes: Buffer, from: number): number {
    const end = chunks.read(bytes, from, this.#eol);
    if (chunks.hasEnded) this.#endMessage();
    return end;
  }

  /** Counts bytes of the present reply. @throws {FramingError} where it is too large. */
  count(bytes: number): void {
    this.#size += bytes;
    if (this.#size > this.#limit) throw tooLarge(this.#limit);
  }

  /** Takes in bytes of a body, as they are encoded. */
  takeBody(bytes: Uint8Array): void {
    if (this.#content) this.#content.push(bytes);
    else this.#show(bytes);
  }

  #show(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.count(bytes.length);
    this.#messages.addBody(bytes);
  }

  #endMessage(): void {
    const isTunnel = this.#state === "tunnel";
    if (this.#content) this.#show(this.#content.end(false));
    this.#messages.end(this.#chunks?.trailers ?? NO_LINES);
    this.#chunks = undefined;
    this.#content = undefined;
    this.#live = false;
    if (isTunnel) this.#messages.isTunnel = true;
    else this.#state = "head";
    if (this.#messages.isInterim) {
      this.#messages.isInterim = false;
      return;
    }
    this.#messages.final++;
    this.#size = 0;
    const closes = this.requests.shift()?.closes ?? false;
    this.over ||= closes || !this.#keepAlive;
  }

  /** Hands over all there is, and what is read line by line or cannot be decoded. */
  #showCut(encoded: ByteString = ""): void {
    const lines = [...this.#head.take(), ...(this.#chunks?.trailers ?? NO_LINES)];
    const rest = encoded || this.#chunks?.partial || "";
    if (rest !== "") lines.push(rest.slice(0, MOST_SHOWN));
    this.#chunks = undefined;
    this.#messages.addCut(lines);
  }
}

const NO_LINES: readonly ByteString[] = [];
const NOTHING = new Uint8Array();
