import type { ByteString } from "../base/bytes.ts";
import type { DialectOptions, Eol, OptionSchema } from "../base/settings.ts";
import type { JsonTemplate } from "../match/json-reader.ts";
import type { Matcher } from "../match/matcher.ts";
import type { LinePattern } from "../match/pattern.ts";
import type { Scope } from "../match/variables.ts";
import type { OutgoingLine, Codec as TwoWayCodec } from "./codec.ts";

export type { OutgoingLine } from "./codec.ts";
export { isLineError, isOptionError, LineError, OptionError } from "./errors.ts";

/** One exchange as a dialect sees it. */
export interface OutgoingExchange {
  readonly sends: readonly OutgoingLine[];
  readonly expects: readonly LinePattern[];
}

/** Lines that one chunk completed, each with its ending; where bytes are cut without one, a piece. */
export interface Message {
  readonly lines: readonly ByteString[];
  /** Whether a framed message ends here. Always false in a dialect without framing. */
  readonly complete: boolean;
  /** What these lines are of a message that comes in parts (in http `head`, `interim`, `upgrade`, `body`, `trailer`, `cut`, `stray`); else empty. */
  readonly part: string;
  /** The number of the request that it answers (see {@link Codec.asked}); undefined where it answers none, or nobody can tell. */
  readonly to?: number | undefined;
  /** Whether the reply to that request is still to come after it. */
  readonly interim?: boolean;
}

/** What settings tell a codec. `host` is what an HTTP request names in `Host`. */
export interface CodecContext {
  readonly eol: Eol;
  /** The largest message in bytes, after decoding. */
  readonly limit: number;
  readonly host: string;
  readonly options: DialectOptions;
}

/** A peer broke the dialect's framing or a limit. What it says is shown as the failure's message. */
export class FramingError extends Error {
  override readonly name = "FramingError";
  /** What was decoded of the same bytes before the error. */
  readonly messages: readonly Message[];
  constructor(message: string, messages: readonly Message[] = []) {
    super(message);
    this.messages = messages;
  }
}

export const isFramingError = (error: unknown): error is FramingError => (error as Error)?.name === "FramingError";

/** A place in a message, for a sentence: "after 16 of 23 bytes of the body". */
export interface Stopped {
  readonly where: string;
  /** Whether it is in the middle of a line, which may be the one that is awaited. */
  readonly isWithinLine: boolean;
}

/**
 * One connection's side of a dialect: exchanges to bytes, bytes to messages. It keeps what the framing needs to know from one to the other.
 */
export interface Codec {
  /**
   * The bytes of an exchange's client lines (none where it has no client line), and the start of its reply: which lines
   * are expected tells a dialect without framing how the next bytes are cut.
   * @throws {LineError} for a mistake in a client line.
   */
  begin(exchange: OutgoingExchange, next?: NextSends): Uint8Array;
  /** The messages that this chunk completes. @throws {FramingError} */
  decode(chunk: Uint8Array): readonly Message[];
  /**
   * What only a hang-up or silence completes. `closed` tells which, `isBroken` whether the connection was reset; a reply that was awaited too long also ends its
   * connection. @throws {FramingError}
   */
  end(closed: boolean, isBroken?: boolean): readonly Message[];
  /** Whether `end` could hand out anything now; undefined where that is not known. */
  readonly holds?: boolean;
  /**
   * How many requests were sent so far that have one reply each, and whose replies bear their number (`Message.to`),
   * counted from 0. Undefined in a dialect whose replies are taken in the order they come in.
   */
  readonly asked?: number;
  /** Replies that are still owed to requests, in a dialect where each request has one; undefined where nobody can tell. */
  readonly owed?: number | undefined;
  /** Whether something came before the first request and waits for it, as a part of its reply. */
  readonly hasEarly?: boolean;
  /** Whether a message has begun that ends by itself: silence in the middle of it does not mean that it is over. */
  readonly isUnderWay?: boolean;
  /** Whether a message has begun to come, and not ended: there is more that nobody has seen yet. */
  readonly isWithin?: boolean;
  /** The first bytes of such a message, for reports. */
  readonly begun?: ByteString;
  /** Where in a message that has begun it stands, or the close cut it off; undefined where that is its end. */
  readonly stopped?: Stopped | undefined;
  /** Why the client lines of the exchange that has begun were not sent: there is nothing that they could go on with. */
  readonly keptBack?: string | undefined;
  /** Why the present reply is wrong although its lines are all as written; undefined where it is not. */
  readonly objection?: string | undefined;
  /**
   * Whether it is as it was when the connection was opened: nothing is owed, held or begun, and nothing of an exchange
   * before bears on what comes next. Then a request and its reply may pass it by. Undefined where that is not known.
   */
  readonly isIdle?: boolean;
  /** Whether the last message said that the connection ends with it. */
  readonly over?: boolean;
  /** Whether what `begin` returned may be sent once more on a new connection (an idempotent request, RFC 9110, section 9.2.2). */
  readonly resendable?: boolean;
}

/** How a matcher is made: the written reply lines, the variables, and what the settings say. */
export interface MatcherContext extends Omit<ReadingContext, "isAnswer"> {
  readonly isAnswer?: boolean;
  readonly codec: Codec;
}

/** The client lines of the next exchange on the connection, where they are known by now. A codec asks where its request goes on in them. */
export type NextSends = () => readonly OutgoingLine[] | undefined;

/** A line that came, with its ending, and what part of its message it is. */
export interface ReceivedLine {
  readonly line: ByteString;
  readonly part: string;
}

/** A received reply as reports lay it beside the written one. */
export interface Comparison {
  /** Those of its lines that the written ones speak of, in their order. */
  readonly lines: readonly ByteString[];
  matches(pattern: LinePattern, line: ByteString): boolean;
  /** Lines from one index up to another that are JSON together, and the written ones that are JSON too. */
  readonly json?:
    | {
        readonly patterns: readonly LinePattern[];
        readonly template: JsonTemplate;
        readonly from: number;
        readonly to: number;
      }
    | undefined;
  /** What a sentence on one of these lines has to add. */
  readonly note?: { readonly patterns: readonly LinePattern[]; readonly text: string } | undefined;
  /** Whether a line's ending has to be seen, in a dialect whose reports do not name them. */
  namesEnding?(line: ByteString): boolean;
}

/** What a reading is told of the lines that it matches. */
export interface ReadingContext {
  readonly eol: Eol;
  readonly unordered: boolean;
  readonly options: DialectOptions;
  /** Whether the lines answer a request that was sent with them, and not what came before. */
  readonly isAnswer: boolean;
}

/** How the written lines of one direction are read, matched and shown, where lines in order do not do. */
export interface Reading {
  /** Line endings mean nothing in what it renders, so reports do not name them. */
  readonly freeEndings?: boolean;
  /** What a line says in this dialect beyond what is read of every line: another pattern in its place. */
  readLine?(pattern: LinePattern): LinePattern;
  /** For a dialect in which not every line can be a line of a reply: checks those of one connection, before anything is sent. */
  createCheck?(): ReplyCheck;
  /** Whether the request that these lines answer goes on in the next exchange, as after `100 Continue`. */
  goesOn?(expects: readonly LinePattern[]): boolean;
  /** Put together from the parts of `match`. */
  matcher?(expects: readonly LinePattern[], scope: Scope, context: ReadingContext): Matcher;
  /** For reports. */
  compare?(
    expects: readonly LinePattern[],
    received: readonly ReceivedLine[],
    scope: Scope,
    context: ReadingContext,
  ): Comparison;
  /** For reports: all that came, where the order it came in is not the one to read it in. */
  arrange?(received: readonly ReceivedLine[]): readonly ByteString[];
}

/** How a protocol is written down. */
export interface Dialect {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** The options it takes in front matter under its name. */
  readonly options?: OptionSchema;
  /** Lines are on the wire as they are written, and nothing but them. */
  readonly isVerbatim?: boolean;
  /** Each client line is a request of its own, which can be checked without the others. */
  readonly isLineByLine?: boolean;
  /**
   * What a reply means depends on its bytes and its request alone, wherever a codec is idle: the bytes that answered an
   * exchange rightly once do so again.
   */
  readonly isRepeatable?: boolean;
  /** Every line of its documents is read as if it bore this suffix. */
  readonly suffix?: "hex";
  /**
   * Loads what its codecs need and a run without this dialect does not; awaited before a codec is created with these options.
   * `within` is the folder that files named in them have to be in; undefined where the config file names them.
   * @throws {OptionError}
   */
  load?(options: DialectOptions, within?: string): Promise<void>;
  /** Whether any client lines can be sent, so that there is nothing to rehearse. */
  readonly sendsAnything?: boolean;
  /** A server may close a connection between two exchanges, as HTTP's may: the next exchange opens a new one. */
  readonly reopens?: boolean;
  /** Line endings mean nothing in what it renders, so reports do not name them. */
  readonly freeEndings?: boolean;
  createCodec(side: "client", context: CodecContext): Codec;
  /** One connection in both directions (see codec.ts). */
  createDuplex?(context: CodecContext): TwoWayCodec;
  readonly requests?: Reading;
  readonly responses?: Reading;
  /** What a reply line says in this dialect beyond what is read of every line: another pattern in its place. */
  readReply?(pattern: LinePattern): LinePattern;
  /** For a dialect in which not every line can be a line of a reply: checks those of one connection, before anything is sent. */
  createReplyCheck?(): ReplyCheck;
  /** For replies that are not simply lines in order. Put together from the parts of `match`. */
  matcher?(expects: readonly LinePattern[], scope: Scope, context: MatcherContext): Matcher;
  /** For reports of replies that are not simply lines in order. */
  compare?(
    expects: readonly LinePattern[],
    received: readonly ReceivedLine[],
    scope: Scope,
    unordered: boolean,
    eol: Eol,
    options: DialectOptions,
  ): Comparison;
  /** For reports: all that came, where the order it came in is not the one to read it in. */
  arrange?(received: readonly ReceivedLine[]): readonly ByteString[];
}

/** Checks written replies to requests in their order. */
export interface ReplyCheck {
  /** @param request the first client line, as it is written. */
  check(request: string, expects: readonly LinePattern[]): readonly ReplyMistake[];
  /** Whether the connection turned to another protocol, so that any line can be sent and come. */
  readonly isTunnel: boolean;
}

/** A written reply line that nothing can match. */
export interface ReplyMistake {
  readonly pattern: LinePattern;
  readonly message: string;
}
