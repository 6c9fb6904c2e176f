/**
 * One HTTP/1.1 connection seen from the client: requests go out as http-request.ts completes them, responses come in
 * through http-reader.ts. Between the two stands what one has to know of the other: whose response is due, and whether
 * client lines are a request of their own or the rest of one that awaits an interim response.
 */
import { toBytes } from "../../base/bytes.ts";
import type { Codec, CodecContext, Message, NextSends, OutgoingExchange, Stopped } from "../dialect.ts";
import { Framing } from "../framing.ts";
import { ResponseReader } from "./reader.ts";
import { asWritten, encodeBody, encodeRequest, isRequest, type RequestContext, type RequestHead } from "./request.ts";
import { isInterimResponse, namesEndings, writtenResponses } from "./written.ts";

/** RFC 9110, section 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"]);
const NOTHING = new Uint8Array();

export class HttpCodec implements Codec {
  readonly #context: CodecContext;
  readonly #request: RequestContext;
  readonly #reader: ResponseReader;
  /** The request whose body the next client lines go on with. */
  #unfinished: RequestHead | undefined;
  #sent = 0;
  #awaitsPiece = false;
  /** The reply that is written would turn the connection to another protocol. */
  #expectsTunnel = false;
  /** It leaves open whether it does. */
  #mayBeTunnel = false;
  readonly #framing = new Framing();
  resendable = false;
  keptBack: string | undefined;
  /** Whether the exchange that has begun sends a request, so that a response answers it. */
  asks = false;

  constructor(context: CodecContext) {
    this.#context = context;
    this.#request = { eol: context.eol, host: context.host, complete: context.options.complete !== false };
    this.#reader = new ResponseReader(context.limit);
  }

  /** A request that goes on in the next exchange counts from there on: the response is that one's. */
  get asked(): number {
    return this.#unfinished ? this.#sent - 1 : this.#sent;
  }

  /** After a change of protocol nobody can tell; as something may always come, something is owed. */
  get owed(): number {
    return this.isTunnel ? 1 : this.#reader.requests.length;
  }

  get isIdle(): boolean {
    return !this.#unfinished && !this.#expectsTunnel && !this.#awaitsPiece && this.#reader.isIdle;
  }

  get isUnderWay(): boolean {
    return this.#reader.isUnderWay;
  }

  /** After a change of protocol that the document does not expect, nothing it says next could be understood. */
  get over(): boolean {
    return this.#reader.over || (this.isTunnel && !this.#expectsTunnel && !this.#mayBeTunnel);
  }

  get isTunnel(): boolean {
    return this.#reader.isTunnel;
  }

  /** Whether the connection was closed in the middle of a response. */
  get truncated(): boolean {
    return this.#reader.truncated;
  }

  get stopped(): Stopped | undefined {
    return this.#reader.stopped;
  }

  begin({ sends, expects }: OutgoingExchange, next?: NextSends): Uint8Array {
    const responses = writtenResponses(expects);
    this.#reader.startReply(namesEndings(responses) ? "any" : this.#context.eol);
    this.#awaitsPiece = expects.some(({ ending }) => ending === "none");
    this.resendable = false;
    this.keptBack = undefined;
    this.asks = false;
    const bytes =
      sends.length === 0 ? NOTHING : this.#encode(sends, isInterimResponse(responses.at(-1)) ? next?.() : undefined);
    const final = responses.at(-1)?.[0]?.source ?? "";
    const connects = sends[0]?.bytes.startsWith("CONNECT ") === true;
    this.#mayBeTunnel ||= /\{\{| \(re\)$/.test(final);
    this.#expectsTunnel ||= /^HTTP\/1\.[01] 101/.test(final) || (connects && /^HTTP\/1\.[01] 2/.test(final));
    if (isInterimResponse(responses.at(-1))) this.#unfinished = this.#reader.requests.at(-1);
    return bytes;
  }

  #encode(sends: OutgoingExchange["sends"], rest: OutgoingExchange["sends"] | undefined): Uint8Array {
    const unfinished = this.#unfinished;
    this.#unfinished = undefined;
    const { requests, isTunnel } = this.#reader;
    const { complete } = this.#request;
    if (isTunnel || (this.#expectsTunnel && requests.length > 0)) return toBytes(asWritten(sends));
    this.asks = true;
    if (this.#expectsTunnel && !isRequest(sends)) return this.#keepBack("the server did not change the protocol");
    this.#expectsTunnel = false;
    if (unfinished) {
      // A server that gave its final response takes no body any more: what came would read as a new request.
      if (!requests.includes(unfinished))
        return this.#keepBack("the server had given its final response to the request");
      return toBytes(!complete || unfinished.encoded ? asWritten(sends) : encodeBody(sends));
    }
    const { bytes, head } = encodeRequest(sends, rest ?? [], this.#request);
    this.#reader.ask(head);
    this.#sent++;
    this.resendable = IDEMPOTENT.has(head.method);
    return bytes;
  }

  #keepBack(why: string): Uint8Array {
    this.keptBack = why;
    return NOTHING;
  }

  decode(chunk: Uint8Array): readonly Message[] {
    return this.#read(() => {
      this.#reader.read(chunk);
      // What a line without an ending awaits may be there already, and its LF may never come.
      if (this.#awaitsPiece) this.#reader.releaseLine();
    });
  }

  get hasEarly(): boolean {
    return this.#reader.hasEarly;
  }

  /** On silence, what follows the last response is given out; a line of a body may go on. */
  end(closed: boolean, isBroken = false): readonly Message[] {
    return this.#read(() => {
      if (closed) this.#reader.close(isBroken);
      else this.#reader.releaseStray();
    });
  }

  #read(step: () => void): readonly Message[] {
    return this.#framing.read(step, () => this.#reader.take());
  }
}
