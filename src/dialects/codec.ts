/**
 * A protocol on one connection: two directions over one state. A client encodes requests and decodes responses, a server
 * does the reverse, a proxy decodes both. What a document expects never enters here: a decoded message says which request
 * it answers, and the ledger of `play` keeps the books.
 */
import type { ByteString } from "../base/bytes.ts";
import type { DialectOptions, Eol } from "../base/settings.ts";
import type { Captures } from "../match/matcher.ts";
import type { LinePattern } from "../match/pattern.ts";
import type { Scope } from "../match/variables.ts";

/** What settings tell a codec. */
export interface CodecContext {
  readonly eol: Eol;
  /** The largest message in bytes, after decoding. */
  readonly limit: number;
  /** What an HTTP request names in `Host`. */
  readonly host: string;
  readonly options: DialectOptions;
}

/** A line to be sent: placeholders replaced, escapes read. `ending` is `\r\n`, `\n` or empty. */
export interface OutgoingLine {
  readonly bytes: ByteString;
  readonly ending: ByteString;
  /** Whether the ending was written (` (lf)`, ` (crlf)`, ` (no-eol)`, ` (hex)`) or is the document's. */
  readonly endingWritten: boolean;
  /** Line and column in the document, for a mistake. */
  readonly line: number;
  readonly column: number;
}

/** One connection. The directions share its state: a response to HEAD has no body. */
export interface Codec {
  readonly requests: Direction;
  readonly responses: Direction;
  /** Replies that are still owed to requests; undefined where nobody can tell how many will come. */
  readonly owed: number | undefined;
}

/** Why bytes that have begun a line or a message are handed over as they are. */
export type FlushReason =
  /** Bytes are awaited, not lines: a piece of a line is enough. */
  | "bytes"
  /** Nothing came for a while. The last line of an incomplete message is kept. */
  | "silence"
  /** The other side ended the connection properly; or the time for a reply is over, and what came of it is shown. */
  | "closed"
  /** The connection broke. */
  | "broken";

/**
 * What has begun to come and has not ended. `line`: only a flush can complete it; `message`: it ends by itself;
 * `stream`: it may never end, as a stream of events.
 */
export type Pending = "nothing" | "line" | "message" | "stream";

/** The incomplete message in words and bytes, for reports. */
export interface Begun {
  /** Its first bytes, where no line of it was handed over yet; else empty. */
  readonly bytes: ByteString;
  /** Where in the message the last byte is: "after 16 of 23 bytes of the body". Undefined where nothing more is known. */
  readonly where?: string | undefined;
  /** Whether that is within a line, which may be the awaited one. */
  readonly isWithinLine?: boolean;
}

export interface Direction {
  /**
   * The bytes of one party's lines.
   * @param later the client lines of the next exchange, where they continue this request (after `100 Continue`).
   * @param to the number of the request that a response answers; undefined: the oldest open one.
   * @throws {LineError} for a mistake in a line.
   */
  encode(lines: readonly OutgoingLine[], later?: readonly OutgoingLine[], to?: number): Encoded;
  /** The messages that this chunk completes, and lines of the one under way. @throws {FramingError} */
  decode(chunk: Uint8Array): readonly Decoded[];
  /** What only silence or the end of the connection completes. @throws {FramingError} */
  flush(why: FlushReason): readonly Decoded[];
  readonly pending: Pending;
  /** Asked where a report needs it, and only while something is pending or was cut off by the close. */
  readonly begun: Begun;
  /** The quick way (see {@link Expectation}); undefined where only the full way will do. */
  expect?(lines: readonly LinePattern[], context: ExpectationContext): Expectation | undefined;
}

/** What a direction encodes to. `withheld`: why nothing is sent, where the lines have nothing to go on with. */
export type Encoded =
  | { readonly bytes: Uint8Array; readonly requests: readonly Request[]; readonly withheld?: undefined }
  | { readonly withheld: string };

/** A request that awaits one reply, whose messages bear its number. */
export interface Request {
  /** Counted from 0 on each connection. A request that is continued in the next exchange comes again with the same number. */
  readonly id: number;
  /** Whether it may be sent once more on a new connection (RFC 9110, section 9.2.2). */
  readonly isIdempotent: boolean;
  /** How a sentence names it: "the request with tag 3". */
  readonly name?: string;
}

/** Lines that were decoded, each with its ending; where bytes are cut without one, a piece. */
export interface Decoded {
  readonly lines: readonly ByteString[];
  /** What these lines are of their message, in the dialect's own words: in http `head`, `interim`, `body` and so on. Else empty. */
  readonly part: string;
  /** The request that it answers; undefined: none, or nobody can tell. */
  readonly to: number | undefined;
  /** Whether the reply to that request is still to come after it. */
  readonly interim?: boolean;
  /** What ends with these lines: the message; or with it the dialect itself, and another protocol follows. */
  readonly ends: "message" | "protocol" | undefined;
  /** Whether the connection ends with them, as the message says so, or as nothing after them could be understood. */
  readonly endsConnection?: boolean;
  /** How a sentence names a message that answers no request where each reply answers one: "a message without a tag". */
  readonly stray?: string;
  /** Where requests are decoded: the request that ends here. */
  readonly request?: Request;
}

export interface ExpectationContext {
  readonly eol: Eol;
  readonly unordered: boolean;
  readonly scope: Scope;
  readonly options: DialectOptions;
  /** Whether further requests were sent, whose replies come after this one. */
  readonly isFollowed: boolean;
}

/**
 * One awaited reply, matched on its raw bytes as they come. `more`: so far as written; `all`: it has come, exactly, and
 * the codec's state is as if the bytes were decoded; `other`: for whatever reason, and then all bytes given so far are
 * decoded and judged the full way, the codec's state untouched. So it is small and strict, and no report depends on it.
 */
export interface Expectation {
  /** @param isFollowed whether what comes after the reply is another one's; else nothing may come after it. */
  read(bytes: ByteString, isFollowed: boolean): "all" | "more" | "other";
  /** After `all`: how many of the bytes given last come after the reply. */
  readonly rest: number;
  /** What was captured, once the answer was `all`. */
  readonly captured: Captures;
  /** After `all`: what the full way decodes the bytes to. Only reports ask for it, much later. */
  decoded(): readonly Decoded[];
}
