/**
 * The responses of one connection (RFC 9112), bytes to messages. Heads are shown as they came; a body as what it is once
 * transfer and content codings are undone; trailers as `Name: value`. Behind `101 Switching Protocols`, and behind 2xx
 * for CONNECT, what comes is lines without framing.
 */
import { type ByteString, fromBytes } from "../base/bytes.ts";
import { FramingError, type Message } from "./dialect.ts";
import { ContentDecoder, knownCodings, tooLarge } from "./http-content.ts";
import { headersOf, isEventStream } from "./http-headers.ts";
import { ByteStore, LineCutter } from "./http-lines.ts";
import { ResponseParser, WINDOW } from "./http-parser.ts";
import type { RequestHead } from "./http-request.ts";

export class ResponseReader {
  readonly #limit: number;
  readonly #parser: ResponseParser;
  /** Requests whose final response is not complete, oldest first. */
  readonly requests: RequestHead[] = [];
  /** Whether the present reply writes an interim response down; else they are passed over. */
  #showsInterim = false;
  /** The connection ends with the last response. */
  over = false;
  /** The connection was closed in the middle of a response. */
  truncated = false;

  #messages: Message[] = [];
  #state: "head" | "body" | "tunnel" = "head";
  readonly #head = new ByteStore();
  /** Of the present response. */
  #headText: ByteString = "";
  readonly #cutter = new LineCutter();
  #lines: ByteString[] = [];
  #trailers: [name: string, value: string][] = [];
  #lastField: "name" | "value" = "value";
  #content: ContentDecoder | undefined;
  #live = false;
  /** Of the reply so far, in bytes, decoded. */
  #size = 0;
  /** What the parser told last. */
  #status = 0;
  #headEnded = false;
  #ended = false;
  #keepAlive = true;

  constructor(limit: number) {
    this.#limit = limit;
    this.#parser = new ResponseParser({
      onHead: (status) => {
        this.#headEnded = true;
        this.#status = status;
        return !this.#bodiless();
      },
      onBody: (bytes) => this.#body(bytes),
      onTrailer: (kind, bytes) => this.#trailer(kind, bytes),
      onEnd: (keepAlive) => {
        this.#ended = true;
        this.#keepAlive = keepAlive;
      },
    });
  }

  /** Whether the protocol is no longer HTTP. */
  get isTunnel(): boolean {
    return this.#state === "tunnel";
  }

  /** Nothing is due and nothing of a response is there, and the next one is read as any other. */
  get isIdle(): boolean {
    return (
      this.#state === "head" &&
      this.#head.length === 0 &&
      this.requests.length === 0 &&
      !this.#showsInterim &&
      !this.over
    );
  }

  /** Whether the end of a response is to come: a stream of events may have none. */
  get isUnderWay(): boolean {
    if (this.#state === "head") return this.#head.length > 0;
    return this.#state === "body" && !isEventStream(headersOf(this.#headText));
  }

  /** Another reply begins to count, be it in the middle of a response. */
  startReply(showsInterim: boolean): void {
    this.#showsInterim = showsInterim;
    this.#size = 0;
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
    if (chunk.length <= WINDOW) this.#read(chunk);
    else for (let from = 0; from < chunk.length; from += WINDOW) this.#read(chunk.subarray(from, from + WINDOW));
  }

  /** Gives out the line of a body that has no LF so far. */
  releaseLine(): void {
    if (this.#state !== "head") this.#cutter.release(this.#lines);
  }

  /** What a closed connection completes: a body without another end. Of what it cuts off, all there is is shown. */
  close(): void {
    const cut = this.#state === "body" && this.#parser.finish();
    if (this.#ended) {
      this.#endMessage();
      return;
    }
    const head = this.#head.take().replace(EMPTY_LINES, "");
    this.truncated = cut || head !== "";
    if (this.#content) this.#show(this.#content.end(true));
    this.#content = undefined;
    this.#live = false;
    this.#cutter.release(this.#lines);
    this.#flush(false);
    if (head !== "") this.#messages.push({ lines: linesOf(head), complete: false, part: "head" });
  }

  #read(bytes: Uint8Array): void {
    for (let from = 0; ; ) {
      if (this.#state === "tunnel") {
        this.#show(bytes.subarray(from));
        break;
      }
      const at = this.#parser.read(bytes, from);
      if (this.#state === "head") this.#readHead(from === 0 && at === bytes.length ? bytes : bytes.subarray(from, at));
      if (this.#ended) this.#endMessage();
      if (!this.#parser.stopped) break;
      from = at;
    }
    if (this.#live) this.#show(this.#content!.soFar());
  }

  #count(bytes: number): void {
    this.#size += bytes;
    if (this.#size > this.#limit) throw tooLarge(this.#limit);
  }

  #readHead(bytes: Uint8Array): void {
    this.#count(bytes.length);
    if (!this.#headEnded) {
      this.#head.push(bytes);
      return;
    }
    this.#headEnded = false;
    const text = (this.#head.take() + fromBytes(bytes)).replace(EMPTY_LINES, "");
    if (!text.startsWith("HTTP/")) throw new FramingError("what the server sends is no HTTP/1.x response");
    if (!this.#passedOver()) this.#messages.push({ lines: linesOf(text), complete: false, part: "head" });
    this.#state = "body";
    this.#headText = text;
    this.#trailers = [];
    if (!this.#bodiless()) this.#readCodings(text);
  }

  #readCodings(head: string): void {
    if (!/\n(?:content|transfer)-encoding/i.test(head)) return;
    const headers = headersOf(head);
    // Transfer codings lie around the content codings; llhttp undoes "chunked", which is the last of them.
    const transfer = (headers.get("transfer-encoding") ?? "").replace(/chunked\s*$/i, "");
    const codings = knownCodings(`${headers.get("content-encoding") ?? ""},${transfer}`);
    if (codings.length === 0) return;
    this.#content = new ContentDecoder(codings, this.#limit);
    this.#live = isEventStream(headers);
  }

  #isInterim(): boolean {
    return this.#status >= 100 && this.#status < 200 && this.#status !== 101;
  }

  #passedOver(): boolean {
    return this.#isInterim() && !this.#showsInterim;
  }

  /** Whether what follows the head is no longer HTTP. */
  #opensTunnel(): boolean {
    return (
      this.#status === 101 || (this.requests[0]?.method === "CONNECT" && this.#status >= 200 && this.#status < 300)
    );
  }

  /** RFC 9112, section 6.3: no body whatever the headers say. llhttp knows of the statuses, but not of the request. */
  #bodiless(): boolean {
    return this.requests[0]?.method === "HEAD" || this.#isInterim() || this.#opensTunnel();
  }

  #body(bytes: Uint8Array): void {
    if (this.#content) this.#content.push(bytes);
    else this.#show(bytes);
  }

  #show(bytes: Uint8Array): void {
    this.#count(bytes.length);
    this.#cutter.cut(bytes, this.#lines);
  }

  #trailer(kind: "name" | "value", bytes: Uint8Array): void {
    this.#count(bytes.length);
    if (kind === "name" && this.#lastField === "value") this.#trailers.push(["", ""]);
    this.#lastField = kind;
    this.#trailers.at(-1)![kind === "name" ? 0 : 1] += fromBytes(bytes);
  }

  #endMessage(): void {
    this.#ended = false;
    if (this.#content) this.#show(this.#content.end(false));
    this.#cutter.release(this.#lines);
    if (this.#trailers.length > 0) {
      this.#flush(false);
      const lines = this.#trailers.map(([name, value]) => `${name}: ${value}\r\n`);
      this.#messages.push({ lines, complete: true, part: "trailer" });
    } else if (!this.#passedOver()) this.#flush(true);
    this.#content = undefined;
    this.#live = false;
    this.#trailers = [];
    this.#state = "head";
    if (this.#isInterim()) return;
    this.#size = 0;
    if (this.#opensTunnel()) this.#state = "tunnel";
    const closes = this.requests.shift()?.closes ?? false;
    this.over ||= closes || !this.#keepAlive;
  }

  /** Hands over the body lines that are complete. */
  #flush(complete: boolean): void {
    if (this.#lines.length === 0 && !complete) return;
    this.#messages.push({ lines: this.#lines, complete, part: "body" });
    this.#lines = [];
  }
}

/** Before a status line they are passed over (RFC 9112, section 2.2). */
const EMPTY_LINES = /^[\r\n]+/;
const NO_MESSAGES: readonly Message[] = [];

function linesOf(text: ByteString): readonly ByteString[] {
  const lines: ByteString[] = [];
  for (let from = 0; from < text.length; ) {
    const lf = text.indexOf("\n", from);
    const end = lf < 0 ? text.length : lf + 1;
    lines.push(text.slice(from, end));
    from = end;
  }
  return lines;
}
