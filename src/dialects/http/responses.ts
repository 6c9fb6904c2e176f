/** The responses of one connection: decoded by a client, encoded by a server. */
import { type ByteString, toBytes } from "../../base/bytes.ts";
import type { LinePattern } from "../../match/pattern.ts";
import type {
  Begun,
  Decoded,
  Direction,
  Encoded,
  Expectation,
  ExpectationContext,
  FlushReason,
  OutgoingLine,
  Pending,
} from "../codec.ts";
import { codingsOf } from "./content.ts";
import { changesProtocol, encodeResponse, isInterimStatus, isResponse } from "./encode-response.ts";
import type { Exchanges, OpenRequest } from "./exchanges.ts";
import { expectResponse, KnownResponses } from "./expectation.ts";
import { readResponseHead } from "./head.ts";
import { statusLine } from "./head-lines.ts";
import { isEventStream } from "./headers.ts";
import type { MessageEnd } from "./messages.ts";
import { asWritten, type Completion } from "./outgoing.ts";
import { type HeadReading, MessageReader, type MessageRules } from "./reader.ts";
import { chunk, LAST_CHUNK } from "./response-body.ts";

export class HttpResponses implements Direction {
  readonly #exchanges: Exchanges;
  readonly #completion: Completion;
  readonly #reader: MessageReader;
  /** The largest response in bytes. */
  readonly #limit: number;
  readonly #known = new KnownResponses();
  /** Whether the next lines belong to the final response that was sent last. */
  #isUnfinished = false;
  /** Whether they do unless they begin another one. */
  #isEndless = false;
  /** Whether they are a chunk. */
  #isChunked = false;

  constructor(exchanges: Exchanges, completion: Completion, limit: number) {
    this.#limit = limit;
    this.#exchanges = exchanges;
    this.#completion = completion;
    this.#reader = new MessageReader(new ResponseRules(exchanges), limit);
  }

  get pending(): Pending {
    return this.#reader.pending;
  }

  get begun(): Begun {
    return this.#reader.begun;
  }

  decode(chunk: Uint8Array): readonly Decoded[] {
    return this.#reader.decode(chunk);
  }

  flush(why: FlushReason): readonly Decoded[] {
    return this.#reader.flush(why);
  }

  encode(lines: readonly OutgoingLine[], later?: readonly OutgoingLine[], to?: number): Encoded {
    return this.#encode(lines, later && isResponse(later) ? undefined : later, to);
  }

  #encode(lines: readonly OutgoingLine[], later: readonly OutgoingLine[] | undefined, to: number | undefined): Encoded {
    const { open, isTunnel } = this.#exchanges;
    const [request] = open;
    const goesOn = this.#isUnfinished || (this.#isEndless && !isResponse(lines));
    if (lines.length === 0 || isTunnel || goesOn) {
      const isLast = lines.length > 0 && later === undefined;
      const isChunked = this.#isChunked && goesOn;
      if (isLast) this.#finish();
      const text = asWritten(lines);
      return { bytes: toBytes(isChunked ? chunk(text) + (isLast ? LAST_CHUNK : "") : text), requests: [] };
    }
    if (to !== undefined && to !== request?.id) return { withheld: whyNotTo(to, request) };
    const { bytes, status, isEndless, isChunked } = encodeResponse(lines, later, request, this.#completion);
    this.#isEndless = isEndless;
    this.#isChunked = isChunked;
    this.#isUnfinished = status === undefined || !isInterimStatus(status);
    if (status !== undefined && changesProtocol(status, request)) this.#exchanges.isTunnel = true;
    if (later === undefined) this.#finish();
    return { bytes, requests: [] };
  }

  #finish(): void {
    if (this.#isUnfinished) this.#exchanges.answer();
    this.#isUnfinished = false;
  }

  /** Only where the response to the oldest request is all that can come next. */
  expect(lines: readonly LinePattern[], context: ExpectationContext): Expectation | undefined {
    const { open, isTunnel } = this.#exchanges;
    const [request] = open;
    if (
      !request ||
      (open.length > 1 && !context.isFollowed) ||
      isTunnel ||
      !this.#reader.isIdle ||
      !hasOrdinaryResponse(request)
    )
      return undefined;
    return expectResponse(lines, context, {
      to: request.id,
      limit: this.#limit,
      took: () => void this.#exchanges.answer(),
      known: this.#known,
    });
  }
}

/** Whether the head of a response tells what follows it, and that the connection stays open. */
const hasOrdinaryResponse = ({ method, closes, changes }: OpenRequest): boolean =>
  method !== "HEAD" && !changes && !closes;

const whyNotTo = (to: number, request: OpenRequest | undefined): string =>
  request && to > request.id
    ? "an earlier request on the connection has no response yet"
    : "the request has its final response";

class ResponseRules implements MessageRules {
  readonly subject = "response";
  readonly startLine = statusLine;
  readonly keepsChunks = false;
  readonly #exchanges: Exchanges;
  #last: ReturnType<typeof readResponseHead> | undefined;

  constructor(exchanges: Exchanges) {
    this.#exchanges = exchanges;
  }

  /** What comes before the first request may be its response. */
  get waits(): boolean {
    return this.#exchanges.asked === 0;
  }

  get isDue(): boolean {
    return this.#exchanges.open.length > 0 || this.waits;
  }

  get isTunnel(): boolean {
    return this.#exchanges.isTunnel;
  }

  readHead(lines: readonly ByteString[]): HeadReading {
    const request = this.#exchanges.open[0];
    const head = readResponseHead(lines, request);
    this.#last = head;
    const { headers, framing, status } = head;
    const isInterim = isInterimStatus(status);
    const part = head.changesProtocol ? "upgrade" : isInterim ? "interim" : "head";
    const codings = framing.kind === "none" ? [] : codingsOf(headers).known;
    return { part, to: request?.id, isInterim, framing, codings, isStream: isEventStream(headers) };
  }

  end(): MessageEnd {
    const { status, keepAlive, changesProtocol } = this.#last!;
    if (isInterimStatus(status)) return { ends: "message" };
    const request = this.#exchanges.answer();
    if (changesProtocol) this.#exchanges.isTunnel = true;
    if (changesProtocol) return { ends: "protocol" };
    return { ends: "message", endsConnection: request?.closes === true || !keepAlive };
  }
}
