/**
 * One HTTP/1.1 connection as the old player sees it, which tells it what the document expects. What comes is read by
 * responses.ts; of what is sent, what the document expects decides whether it is a request.
 */
import { toBytes } from "../../base/bytes.ts";
import type { Decoded } from "../codec.ts";
import {
  type Codec,
  type CodecContext,
  FramingError,
  type Message,
  type NextSends,
  type OutgoingExchange,
  type Stopped,
} from "../dialect.ts";
import { FramingError as BrokenFraming } from "../errors.ts";
import { Exchanges, type OpenRequest } from "./exchanges.ts";
import { asWritten, type Completion } from "./outgoing.ts";
import { encodeBody, encodeRequest, isIdempotent, isRequest } from "./request.ts";
import { HttpResponses } from "./responses.ts";
import { isInterimResponse, writtenResponses } from "./written.ts";

const NOTHING = new Uint8Array();

export class HttpCodec implements Codec {
  readonly #completion: Completion;
  readonly #exchanges = new Exchanges();
  readonly #responses: HttpResponses;
  /** What the beginning of an exchange cut off, until the next bytes are read. */
  #released: readonly Decoded[] = [];
  /** The request whose body the next client lines go on with. */
  #unfinished: OpenRequest | undefined;
  #awaitsPiece = false;
  /** The reply that is written would turn the connection to another protocol. */
  #expectsTunnel = false;
  /** It leaves open whether it does. */
  #mayBeTunnel = false;
  #isOver = false;
  hasEarly = false;
  resendable = false;
  keptBack: string | undefined;

  constructor({ eol, host, limit, options }: CodecContext) {
    this.#completion = { eol, host, complete: options.complete !== false };
    this.#responses = new HttpResponses(this.#exchanges, this.#completion, limit);
  }

  /** A request that goes on in the next exchange counts from there on: the response is that one's. */
  get asked(): number {
    return this.#unfinished ? this.#exchanges.asked - 1 : this.#exchanges.asked;
  }

  /** After a change of protocol nobody can tell; as something may always come, something is owed. */
  get owed(): number {
    return this.isTunnel ? 1 : this.#exchanges.open.length;
  }

  get isIdle(): boolean {
    const isBetween = this.owed === 0 && this.#responses.pending === "nothing" && !this.#isOver;
    return isBetween && !this.#unfinished && !this.#expectsTunnel && !this.#awaitsPiece;
  }

  get isUnderWay(): boolean {
    return this.#responses.pending === "message" && !this.hasEarly;
  }

  /** After a change of protocol that the document does not expect, nothing it says next could be understood. */
  get over(): boolean {
    const isStray = this.#responses.pending === "line" && !this.isTunnel;
    return this.#isOver || isStray || (this.isTunnel && !this.#expectsTunnel && !this.#mayBeTunnel);
  }

  get isTunnel(): boolean {
    return this.#exchanges.isTunnel;
  }

  get stopped(): Stopped | undefined {
    const { where, isWithinLine = false } = this.#responses.begun;
    return where === undefined ? undefined : { where, isWithinLine };
  }

  begin({ sends, expects }: OutgoingExchange, next?: NextSends): Uint8Array {
    const responses = writtenResponses(expects);
    this.#released = [...this.#released, ...this.#responses.flush("silence")];
    this.#awaitsPiece = expects.some(({ ending }) => ending === "none");
    this.resendable = false;
    this.keptBack = undefined;
    const bytes =
      sends.length === 0 ? NOTHING : this.#encode(sends, isInterimResponse(responses.at(-1)) ? next?.() : undefined);
    const final = responses.at(-1)?.[0]?.source ?? "";
    const connects = sends[0]?.bytes.startsWith("CONNECT ") === true;
    this.#mayBeTunnel ||= /\{\{| \(re\)$/.test(final);
    this.#expectsTunnel ||= /^HTTP\/1\.[01] 101/.test(final) || (connects && /^HTTP\/1\.[01] 2/.test(final));
    if (isInterimResponse(responses.at(-1))) this.#unfinished = this.#exchanges.open.at(-1);
    return bytes;
  }

  #encode(sends: OutgoingExchange["sends"], rest: OutgoingExchange["sends"] | undefined): Uint8Array {
    const unfinished = this.#unfinished;
    this.#unfinished = undefined;
    const { open, isTunnel } = this.#exchanges;
    const { complete } = this.#completion;
    if (isTunnel || (this.#expectsTunnel && open.length > 0)) return toBytes(asWritten(sends));
    if (this.#expectsTunnel && !isRequest(sends)) return this.#keepBack("the server did not change the protocol");
    this.#expectsTunnel = false;
    if (unfinished) {
      // A server that gave its final response takes no body any more: what came would read as a new request.
      if (!open.includes(unfinished)) return this.#keepBack("the server had given its final response to the request");
      return toBytes(!complete || unfinished.encoded ? asWritten(sends) : encodeBody(sends));
    }
    const { bytes, head } = encodeRequest(sends, rest ?? [], this.#completion);
    this.resendable = isIdempotent(this.#exchanges.ask(head));
    return bytes;
  }

  #keepBack(why: string): Uint8Array {
    this.keptBack = why;
    return NOTHING;
  }

  decode(chunk: Uint8Array): readonly Message[] {
    if (this.#exchanges.asked > 0) this.hasEarly = false;
    else if (chunk.length > 0) this.hasEarly = true;
    const messages = this.#read(() => this.#responses.decode(chunk));
    // What a line without an ending awaits may be there already, and its LF may never come.
    return this.#awaitsPiece ? [...messages, ...this.#read(() => this.#responses.flush("bytes"))] : messages;
  }

  /** On silence, what follows the last response is given out; a line of a body may go on. */
  end(closed: boolean, isBroken = false): readonly Message[] {
    if (closed) this.hasEarly = false;
    return this.#read(() => this.#responses.flush(closed ? (isBroken ? "broken" : "closed") : "silence"));
  }

  #read(step: () => readonly Decoded[]): readonly Message[] {
    const released = this.#released;
    this.#released = [];
    try {
      return this.#messages([...released, ...step()]);
    } catch (error) {
      if (!(error instanceof BrokenFraming)) throw error;
      throw new FramingError(error.message, this.#messages([...released, ...error.messages]));
    }
  }

  #messages(decoded: readonly Decoded[]): readonly Message[] {
    return decoded.map(({ lines, part, to, interim = false, ends }) => {
      this.#isOver ||= ends === "connection";
      return { lines, part, to, interim, complete: ends !== undefined && part !== "stray" };
    });
  }
}
