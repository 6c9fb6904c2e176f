/**
 * The responses of one connection (RFC 9112), bytes to messages. Heads and trailers are shown as they came, a body as it is
 * once transfer and content codings are undone. After `101 Switching Protocols`, and after 2xx for CONNECT, lines come
 * without framing.
 *
 * No byte is lost: what breaks off or breaks a rule is handed over as the part `cut`, what follows the last response as
 * `stray`.
 */
import { type ByteString, fromBytes } from "../base/bytes.ts";
import type { Eol } from "../base/settings.ts";
import { FramingError, type Message, type Stopped } from "./dialect.ts";
import { checkChunkLine, chunkSizeOf, notAtItsEnd } from "./http-chunks.ts";
import { ContentDecoder, codingsOf, EncodedBodyError, tooLarge } from "./http-content.ts";
import { type BodyFraming, checkFieldLine, checkStatusLine, isBinary, readHead, whyNoStatusLine } from "./http-head.ts";
import { isEventStream } from "./http-headers.ts";
import { ByteStore, LineCutter } from "./http-lines.ts";
import type { RequestHead } from "./http-request.ts";

/** What the next bytes belong to. `early`: nothing was asked yet, and they wait until something is. */
type State = "early" | "head" | BodyFraming["kind"] | "chunk" | "chunk-end" | "trailers";

export class ResponseReader {
  readonly #limit: number;
  /** Requests whose final response is not complete, oldest first. */
  readonly requests: RequestHead[] = [];
  /** How many final responses are complete: the number of the request that the present one answers. */
  #final = 0;
  /** What ends the lines of a head. */
  #eol: Eol = "crlf";
  /** The connection ends with the last response. */
  over = false;
  #messages: Message[] = [];
  #state: State = "early";
  readonly #early = new ByteStore();
  /** Of the line that has no LF so far, where lines are read one by one; and what came of a CRLF that is due. */
  #partial: ByteString = "";
  /** The lines of the head or of the trailers that is being read. */
  #lines: ByteString[] = [];
  readonly #cutter = new LineCutter();
  #body: ByteString[] = [];
  #isInterim = false;
  /** The response that changed the protocol is complete. */
  #isTunnelOpen = false;
  #keepAlive = true;
  #content: ContentDecoder | undefined;
  /** A stream of events, which may have no end. */
  #live = false;
  /** Of the body, or of the present chunk: its size, and how much of it is to come. */
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
    return this.#state === "head" && this.#lines.length === 0 && this.#partial === "";
  }

  /** Nothing is due and nothing of a response is there, and the next one is read as any other. */
  get isIdle(): boolean {
    const isBetween = this.#isBetween || (this.#state === "early" && this.#early.length === 0);
    return isBetween && this.requests.length === 0 && this.#cutter.held === 0 && !this.over;
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
    const isHead = this.#state === "head" || this.#state === "trailers";
    return isHead || this.#partial !== "" || this.#cutter.held > 0 || this.#content !== undefined;
  }

  #where(): string | undefined {
    switch (this.#state) {
      case "head":
        if (this.#lines.length > 0) return "in the middle of the head, before the empty line that ends it";
        return this.#partial === "" ? undefined : "in the middle of the status line";
      case "length":
        return `after ${this.#length - this.#left} of ${this.#length} bytes of the body`;
      case "chunk":
        return `after ${this.#length - this.#left} of ${this.#length} bytes of a chunk`;
      case "chunk-end":
        return "before the CRLF that ends a chunk";
      case "chunked":
        return this.#partial === "" ? "before the last chunk" : "in the middle of the size of a chunk";
      case "trailers":
        return "in the middle of the trailers, before the empty line that ends them";
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
    this.#flush(false);
    if (this.#messages.length === 0) return NO_MESSAGES;
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  /** @throws {FramingError} */
  read(chunk: Uint8Array): void {
    if (this.#state === "early" && this.requests.length === 0 && chunk.length > 0) {
      this.#count(chunk.length);
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
    if (this.#state === "head") this.releaseStray();
    else this.#cutter.release(this.#body);
  }

  /** The same of what follows the last response, or the change of protocol. */
  releaseStray(): void {
    if (this.#state === "tunnel") this.#cutter.release(this.#body);
    else if (this.#state === "head" && this.#cutter.held > 0) this.#addStray((lines) => this.#cutter.release(lines));
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
    if (this.#state === "head" && this.#lines.length === 0) this.#refusePartial(true);
    this.#stopped = this.stopped;
    if (this.#state === "close")
      this.#stopped = { where: "in the middle of the body, which a proper close ends", isWithinLine: false };
    this.#showing(() => {
      if (this.#content) this.#show(this.#content.end(true));
    });
    this.#content = undefined;
    this.#live = false;
    this.#cutter.release(this.#body);
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
      if (error instanceof EncodedBodyError) {
        this.#cutter.cut(error.decoded, this.#body);
        this.#partial = fromBytes(error.rest);
      }
      this.#cutter.release(this.#body);
      this.#showCut();
      throw error;
    }
  }

  /** Reads from an offset on, and answers how far it came. */
  #step(bytes: Buffer, from: number): number {
    switch (this.#state) {
      case "head":
        if (this.#isBetween && this.#isStray) return this.#readStray(bytes, from);
        return this.#readLine(bytes, from);
      case "chunked":
      case "trailers":
        return this.#readLine(bytes, from);
      case "length":
      case "chunk":
        return this.#readCounted(bytes, from);
      case "chunk-end":
        return this.#readChunkEnd(bytes, from);
      case "close":
      case "tunnel":
        this.#takeBody(bytes.subarray(from));
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
    return this.requests.length === 0 && this.#final > 0;
  }

  #readStray(bytes: Buffer, from: number): number {
    this.#count(bytes.length - from);
    // More of it would be taken for the next response. A line ending is all there is.
    this.over ||= bytes.subarray(from).some((byte) => byte !== 10 && byte !== 13);
    this.#addStray((lines) => this.#cutter.cut(bytes.subarray(from), lines));
    return bytes.length;
  }

  #addStray(add: (lines: ByteString[]) => void): void {
    this.#flush(false);
    const lines: ByteString[] = [];
    add(lines);
    if (lines.length > 0) this.#messages.push({ lines, complete: false, part: "stray" });
  }

  #readLine(bytes: Buffer, from: number): number {
    const lf = bytes.indexOf(10, from);
    const end = lf < 0 ? bytes.length : lf + 1;
    this.#count(end - from);
    const piece = bytes.toString("latin1", from, end);
    if (lf < 0) {
      this.#partial += piece;
      if (this.#state === "chunked") checkChunkLine(this.#partial.length);
      // Text may go on to an LF, which shows all of it; to look at each of very many pieces would take long.
      else if (this.#state === "head" && this.#lines.length === 0 && end - from > this.#partial.length >> 6)
        this.#refusePartial(false);
      return end;
    }
    const line = this.#partial + piece;
    // A line that is refused is shown whole.
    this.#partial = line;
    if (this.#state === "chunked") this.#takeChunkLine(line);
    else if (this.#state === "trailers") this.#takeTrailer(line);
    else this.#takeHeadLine(line);
    this.#partial = "";
    return end;
  }

  /** Refuses the beginning of a response that cannot become one; `isAll`: nothing more comes. @throws {FramingError} */
  #refusePartial(isAll: boolean): void {
    const begins = this.#partial;
    if ("HTTP/1.".startsWith(begins.slice(0, 7)) || !(isAll || isBinary(begins) || begins.length > MOST_SHOWN)) return;
    const reason = whyNoStatusLine(begins) ?? "";
    if (isAll) this.#showCut();
    throw new FramingError(reason);
  }

  #takeHeadLine(line: ByteString): void {
    if (this.#lines.length === 0) checkStatusLine(line, this.#eol);
    else if (checkFieldLine(line, this.#eol, "header")) return this.#endHead(line);
    this.#lines.push(line);
  }

  #endHead(empty: ByteString): void {
    const text = this.#lines.join("");
    const { status, headers, framing, keepAlive } = readHead(text, this.requests[0]);
    const lines = [...this.#lines, empty];
    this.#lines = [];
    this.#partial = "";
    this.#isInterim = status < 200 && status !== 101;
    this.#keepAlive = keepAlive;
    this.#add(lines, false, this.#isInterim ? "interim" : "head");
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
    this.#takeBody(from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end));
    if (this.#left > 0) return end;
    if (this.#state === "chunk") this.#state = "chunk-end";
    else this.#endMessage();
    return end;
  }

  #takeChunkLine(line: ByteString): void {
    this.#length = chunkSizeOf(line);
    this.#left = this.#length;
    this.#state = this.#length === 0 ? "trailers" : "chunk";
  }

  #readChunkEnd(bytes: Buffer, from: number): number {
    this.#count(1);
    this.#partial += fromBytes(bytes.subarray(from, from + 1));
    if (!"\r\n".startsWith(this.#partial)) throw notAtItsEnd(this.#length, this.#partial);
    if (this.#partial === "\r\n") {
      this.#partial = "";
      this.#state = "chunked";
    }
    return from + 1;
  }

  #takeTrailer(line: ByteString): void {
    // The line that ends the trailers is a line of chunked coding where there are none.
    if (!checkFieldLine(line, this.#lines.length === 0 && /^\r?\n$/.test(line) ? "crlf" : this.#eol, "trailer"))
      this.#lines.push(line);
    else this.#endMessage();
  }

  #count(bytes: number): void {
    this.#size += bytes;
    if (this.#size > this.#limit) throw tooLarge(this.#limit);
  }

  #takeBody(bytes: Uint8Array): void {
    if (this.#content) this.#content.push(bytes);
    else this.#show(bytes);
  }

  #show(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#count(bytes.length);
    this.#cutter.cut(bytes, this.#body);
  }

  #endMessage(): void {
    const isTunnel = this.#state === "tunnel";
    if (this.#content) this.#show(this.#content.end(false));
    this.#cutter.release(this.#body);
    const trailers = this.#lines;
    this.#lines = [];
    this.#partial = "";
    if (trailers.length > 0) {
      this.#flush(false);
      this.#add(trailers, true, "trailer");
    } else this.#flush(true);
    this.#content = undefined;
    this.#live = false;
    if (isTunnel) this.#isTunnelOpen = true;
    else this.#state = "head";
    if (this.#isInterim) {
      this.#isInterim = false;
      return;
    }
    this.#final++;
    this.#size = 0;
    const closes = this.requests.shift()?.closes ?? false;
    this.over ||= closes || !this.#keepAlive;
  }

  /** Hands over the body lines that are complete. */
  #flush(complete: boolean): void {
    if (this.#body.length === 0 && !complete) return;
    this.#add(this.#body, complete, "body");
    this.#body = [];
  }

  /** Hands over a part of the present response, or of what a change of protocol brings. */
  #add(lines: readonly ByteString[], complete: boolean, part: string): void {
    const to = this.#state === "tunnel" && this.#isTunnelOpen ? undefined : this.#final;
    this.#messages.push({ lines, complete, part, to, interim: this.#isInterim });
  }

  /** Hands over what is read line by line and has not come to its end. */
  #showCut(): void {
    this.#flush(false);
    const lines = this.#partial === "" ? this.#lines : [...this.#lines, this.#partial.slice(0, MOST_SHOWN)];
    this.#lines = [];
    this.#partial = "";
    if (lines.length > 0) this.#add(lines, false, "cut");
  }
}

const NO_MESSAGES: readonly Message[] = [];
const NOTHING = new Uint8Array();
/** How much a report gets to show of a line that has no end, in bytes. */
const MOST_SHOWN = 1000;
