/** The requests of one connection: encoded by a client, decoded by a server. */
import { type ByteString, toBytes } from "../../base/bytes.ts";
import { Recent } from "../../base/recent.ts";
import type { Begun, Decoded, Direction, Encoded, FlushReason, OutgoingLine, Pending, Request } from "../codec.ts";
import type { Exchanges, OpenRequest } from "./exchanges.ts";
import { readRequestHead } from "./head.ts";
import { requestLine } from "./head-lines.ts";
import type { MessageEnd } from "./messages.ts";
import { asWritten, type Completion } from "./outgoing.ts";
import { type HeadReading, MessageReader, type MessageRules } from "./reader.ts";
import { type EncodedRequest, encodeBody, encodeRequest, isIdempotent, isRequest } from "./request.ts";

/** Longer requests are not remembered. In bytes. */
const LONGEST_KEPT = 1024;
const NO_LINES: readonly OutgoingLine[] = [];

/** What a request is made of; undefined where it is long, or a line has an ending of its own. */
function keyOf(lines: readonly OutgoingLine[]): string | undefined {
  let key = "";
  for (let i = 0; i < lines.length; i++) {
    const { bytes, ending, endingWritten } = lines[i]!;
    if (endingWritten || key.length + bytes.length > LONGEST_KEPT) return undefined;
    key += `${bytes.length}:${bytes}${ending}`;
  }
  return key;
}

export class HttpRequests implements Direction {
  readonly #exchanges: Exchanges;
  readonly #completion: Completion;
  readonly #reader: MessageReader;
  /** By their keys. */
  readonly #encoded = new Recent<ByteString, EncodedRequest>();
  /** The request that the next lines go on with. */
  #unfinished: OpenRequest | undefined;

  constructor(exchanges: Exchanges, completion: Completion, limit: number) {
    this.#exchanges = exchanges;
    this.#completion = completion;
    this.#reader = new MessageReader(new RequestRules(exchanges), limit);
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

  encode(lines: readonly OutgoingLine[], later?: readonly OutgoingLine[]): Encoded {
    if (lines.length === 0 || this.#exchanges.isTunnel) return { bytes: toBytes(asWritten(lines)), requests: [] };
    const unfinished = this.#unfinished;
    this.#unfinished = undefined;
    if (unfinished) {
      // A server that gave its final response takes no body any more: what came would read as a new request.
      if (!this.#exchanges.open.includes(unfinished))
        return { withheld: "the server had given its final response to the request" };
      const isAsWritten = !this.#completion.complete || unfinished.encoded;
      const bytes = toBytes(isAsWritten ? asWritten(lines) : encodeBody(lines));
      return this.#sent(bytes, unfinished, later, false);
    }
    if (this.#exchanges.asksChange && !isRequest(lines)) return { withheld: "the server did not change the protocol" };
    const { bytes, head } = later ? encodeRequest(lines, later, this.#completion) : this.#encode(lines);
    return this.#sent(bytes, this.#exchanges.ask(head), later);
  }

  /** Clients send the same request again and again: a short one is encoded once. */
  #encode(lines: readonly OutgoingLine[]): EncodedRequest {
    const key = this.#encoded.isOfUse ? keyOf(lines) : undefined;
    const known = key === undefined ? undefined : this.#encoded.get(key);
    if (known) return known;
    const encoded = encodeRequest(lines, NO_LINES, this.#completion);
    if (key !== undefined) this.#encoded.set(key, encoded);
    return encoded;
  }

  /** The rest of a request cannot be sent once more without its beginning. */
  #sent(bytes: Uint8Array, request: OpenRequest, later: readonly OutgoingLine[] | undefined, isWhole = true): Encoded {
    if (later !== undefined) this.#unfinished = request;
    return { bytes, requests: [{ id: request.id, isIdempotent: isWhole && isIdempotent(request) }] };
  }
}

const numbered = (request: OpenRequest): Request => ({ id: request.id, isIdempotent: isIdempotent(request) });

/** Bodies are shown as they came, as a document writes them: encoded, and with the lines around chunks. */
class RequestRules implements MessageRules {
  readonly subject = "request";
  readonly startLine = requestLine;
  readonly keepsChunks = true;
  readonly #exchanges: Exchanges;
  #last: OpenRequest | undefined;

  constructor(exchanges: Exchanges) {
    this.#exchanges = exchanges;
  }

  /** Only the response tells whether what follows is still HTTP. */
  get waits(): boolean {
    return this.#exchanges.isUndecided;
  }

  /** After a request that the connection ends with there is none. */
  get isDue(): boolean {
    return !this.waits && !this.#last?.closes;
  }

  get isTunnel(): boolean {
    return this.#exchanges.isTunnel;
  }

  readHead(lines: readonly ByteString[]): HeadReading {
    const { framing, request } = readRequestHead(lines);
    this.#last = this.#exchanges.ask(request);
    return { part: "head", to: undefined, isInterim: false, framing, codings: [], isStream: false };
  }

  end(): MessageEnd {
    return { ends: "message", request: numbered(this.#last!) };
  }
}
