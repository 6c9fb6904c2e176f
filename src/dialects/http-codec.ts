/**
 * One HTTP/1.1 connection seen from the client (RFC 9112): requests go out as http-request writes them, responses come
 * in through llhttp and are shown as lines. Heads are shown as they came; a body as what it is once transfer and content
 * codings are undone; trailers as `Name: value`.
 *
 * Behind `101 Switching Protocols`, and behind 2xx for CONNECT, both directions are lines without framing.
 */
import { type ByteString, fromBytes, toBytes } from "../base/bytes.ts";
import type { LinePattern } from "../match/pattern.ts";
import { type Codec, type CodecContext, FramingError, type Message, type OutgoingExchange } from "./dialect.ts";
import { ContentDecoder, knownCodings, tooLarge } from "./http-content.ts";
import { headersOf, isEventStream } from "./http-headers.ts";
import { ByteStore, LineCutter } from "./http-lines.ts";
import { ResponseParser, WINDOW } from "./http-parser.ts";
import { asWritten, encodeBody, encodeRequest, type RequestHead } from "./http-request.ts";

const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"]);
const NO_REQUEST: RequestHead = { method: "", closes: false, encoded: false };
const NOTHING = new Uint8Array();

/** Whether a written reply line is the status line of an interim response; 101 is final, as the protocol changes there. */
export const isInterim = ({ source }: LinePattern): boolean => /^HTTP\/1\.[01] 1(?!01)/.test(source);
export const isStatusLine = ({ source }: LinePattern): boolean => source.startsWith("HTTP/");

export class HttpCodec implements Codec {
  readonly #context: CodecContext;
  readonly #parser: ResponseParser;
  /** Requests whose final response is not complete, oldest first. */
  readonly #requests: RequestHead[] = [];
  /** The request whose body the next exchange goes on with, as an interim response is expected between them. */
  #unfinished: RequestHead | undefined;
  #showsInterim = false;
  #showsPieces = false;

  #messages: Message[] = [];
  readonly #head = new ByteStore();
  readonly #cutter = new LineCutter();
  #lines: ByteString[] = [];
  #trailers: [name: string, value: string][] = [];
  #lastField: "name" | "value" = "value";
  #state: "head" | "body" | "tunnel" = "head";
  /** The head that is complete is this one's. */
  #status = 0;
  #headEnded = false;
  #ended = false;
  #keepAlive = true;
  #content: ContentDecoder | undefined;
  #live = false;
  /** Bytes of the response so far, decoded. */
  #size = 0;
  #broken: FramingError | undefined;

  over = false;
  resendable = false;
  /** The connection was closed in the middle of a response. */
  truncated = false;

  constructor(context: CodecContext) {
    this.#context = context;
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

  /** Behind a change of protocol nobody can tell what is owed: as much as is awaited. */
  get owed(): number {
    return this.#state === "tunnel" ? 1 : this.#requests.length;
  }

  begin({ sends, expects }: OutgoingExchange): Uint8Array {
    const statusLines = expects.filter(isStatusLine);
    this.#showsInterim = statusLines.some(isInterim);
    this.#showsPieces = expects.some(({ ending }) => ending === "none");
    this.#size = 0;
    if (sends.length === 0) return NOTHING;
    const unfinished = this.#unfinished;
    this.#unfinished = undefined;
    this.resendable = false;
    const awaitsInterim = isInterim(statusLines.at(-1) ?? NOT_INTERIM);
    if (this.#state === "tunnel") return toBytes(asWritten(sends));
    const complete = this.#context.options.complete !== false;
    if (unfinished) {
      if (awaitsInterim) this.#unfinished = unfinished;
      // A server that gave its final answer already takes no body any more: what came would read as a new request.
      if (!this.#requests.includes(unfinished)) return NOTHING;
      return toBytes(!complete || unfinished.encoded ? asWritten(sends) : encodeBody(sends));
    }
    const { bytes, head } = encodeRequest(sends, { ...this.#context, complete });
    this.#requests.push(head);
    if (awaitsInterim) this.#unfinished = head;
    this.resendable = IDEMPOTENT.has(head.method);
    return bytes;
  }

  decode(chunk: Uint8Array): readonly Message[] {
    return this.#collect(() => {
      if (chunk.length <= WINDOW) this.#read(chunk);
      else for (let from = 0; from < chunk.length; from += WINDOW) this.#read(chunk.subarray(from, from + WINDOW));
      this.#flush(false);
    });
  }

  /**
   * On silence, a line of the body that has no LF so far is given out only where the reply awaits a line without an
   * ending: no other could match it, and the rest of it may be on its way.
   */
  end(closed: boolean): readonly Message[] {
    return this.#collect(() => {
      if (closed) this.#close();
      else if (this.#showsPieces && this.#state !== "head") {
        this.#cutter.release(this.#lines);
        this.#flush(false);
      }
    });
  }

  /** Runs a step and hands over what it found; once the framing is broken, it stays so. */
  #collect(step: () => void): readonly Message[] {
    if (this.#broken) throw this.#broken;
    try {
      step();
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.#flush(false);
      this.#broken = new FramingError(error.message);
      throw new FramingError(error.message, this.#messages.splice(0));
    }
    if (this.#messages.length === 0) return NO_MESSAGES;
    const messages = this.#messages;
    this.#messages = [];
    return messages;
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
    if (this.#size > this.#context.limit) throw tooLarge(this.#context.limit);
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
    this.#content = new ContentDecoder(codings, this.#context.limit);
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
      this.#status === 101 || (this.#requests[0]?.method === "CONNECT" && this.#status >= 200 && this.#status < 300)
    );
  }

  /** RFC 9112, section 6.3: no body whatever the headers say. llhttp knows of the statuses, but not of the request. */
  #bodiless(): boolean {
    return this.#requests[0]?.method === "HEAD" || this.#isInterim() || this.#opensTunnel();
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
    const request = this.#requests.shift() ?? NO_REQUEST;
    this.over ||= !this.#keepAlive || request.closes;
  }

  /** Hands over the body lines that are complete. */
  #flush(complete: boolean): void {
    if (this.#lines.length === 0 && !complete) return;
    this.#messages.push({ lines: this.#lines, complete, part: "body" });
    this.#lines = [];
  }

  /** What a closed connection completes: a body that has no other end. Of what it cuts off, all there is is shown. */
  #close(): void {
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
}

/** Before a status line they are passed over (RFC 9112, section 2.2). */
const EMPTY_LINES = /^[\r\n]+/;
const NO_MESSAGES: readonly Message[] = [];
const NOT_INTERIM = { source: "" } as LinePattern;

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
