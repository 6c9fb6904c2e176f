import type { ByteString } from "../base/bytes.ts";
import type { DialectOptions, Eol, OptionSchema } from "../base/settings.ts";
import type { JsonTemplate } from "../match/json-reader.ts";
import type { Matcher } from "../match/matcher.ts";
import type { LinePattern } from "../match/pattern.ts";
import type { Sampler } from "../match/sample.ts";
import type { Scope } from "../match/variables.ts";
import type { Codec, CodecContext, OutgoingLine } from "./codec.ts";

/** A line that came, with its ending, and what part of its message it is. */
export interface ReceivedLine {
  readonly line: ByteString;
  readonly part: string;
}

/** A received reply as reports lay it beside the written one. */
export interface Comparison {
  /** The received lines to compare with the written ones, in their order. */
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

/** The settings and the place of the lines that a reading matches. */
export interface ReadingContext {
  readonly eol: Eol;
  readonly unordered: boolean;
  readonly options: DialectOptions;
  /** Whether the lines answer a request that was sent with them, and not what came before. */
  readonly isAnswer: boolean;
}

/** What else tells what counts in a reply that no document writes. */
export interface EssenceContext {
  /** The client lines that it answers, as reports show them. */
  readonly sent: readonly string[];
  readonly unordered: boolean;
}

/** A written line, and a text for it. */
export interface InventedLine {
  readonly pattern: LinePattern;
  readonly bytes: ByteString;
}

/** How the written lines of one direction are read, matched and shown, where lines in order do not do. */
export interface Reading {
  /** Line endings have no meaning in these lines, so reports do not name them. */
  readonly freeEndings?: boolean;
  /** What a line says in this dialect beyond what is read of every line: another pattern in its place. */
  readLine?(pattern: LinePattern): LinePattern;
  /** For a dialect in which not every line can be a line of a reply: checks those of one connection, before anything is sent. */
  createCheck?(): ReplyCheck;
  /** Whether the request that these lines answer is continued in the next exchange, as after `100 Continue`. */
  goesOn?(expects: readonly LinePattern[]): boolean;
  /** Put together from the parts of `match`. */
  matcher?(expects: readonly LinePattern[], scope: Scope, context: ReadingContext): Matcher;
  /** What clients say by themselves, as a reply line writes it, and the answer where a document does not expect it. */
  readonly smallTalk?: readonly { readonly request: string; readonly reply: readonly string[] }[];
  /** What tells a peer to go on that awaits it (see {@link Matcher.awaitsLeave}). */
  readonly leave?: readonly string[];
  /** The plainest message: what a server says where the written one leaves everything open and one is owed. */
  readonly plainest?: string;
  /** What a server says where no answer is written. */
  readonly refusal?: readonly string[];
  /** Made by a server of written lines that leave something open: the lines to send; undefined where line by line does. */
  invent?(say: readonly LinePattern[], sampler: Sampler): readonly InventedLine[] | undefined;
  /** For reports. */
  compare?(
    expects: readonly LinePattern[],
    received: readonly ReceivedLine[],
    scope: Scope,
    context: ReadingContext,
  ): Comparison;
  /** For reports: all that came, where the order it came in is not the one to read it in. */
  arrange?(received: readonly ReceivedLine[]): readonly ByteString[];
  /** Where the replies of two servers are compared: of one that no document writes, as reports show it, what has to be the same. */
  essence?(shown: readonly string[], context: EssenceContext): readonly string[];
}

/** How a protocol is written down. */
export interface Dialect {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** The options it takes in front matter under its name. */
  readonly options?: OptionSchema;
  /** Each client line is a request of its own, which can be checked without the others. */
  readonly isLineByLine?: boolean;
  /** Every line of its documents is read as if it bore this suffix. */
  readonly suffix?: "hex";
  /** Whether any client lines can be sent, so that there is nothing to rehearse. */
  readonly sendsAnything?: boolean;
  /** A server may close a connection between two exchanges, as HTTP's may: the next exchange opens a new one. */
  readonly reopens?: boolean;
  /**
   * Whether a client sends nothing after these client lines before their response has come, and them only after all other
   * responses (for example RFC 9112, section 9.3.2).
   */
  standsAlone?(lines: readonly OutgoingLine[]): boolean;
  /**
   * Loads what its codecs need and a run without this dialect does not; awaited before a codec is created with these options.
   * `within` is the folder that files named in them have to be in; undefined where the config file names them.
   * @throws {OptionError}
   */
  load?(options: DialectOptions, within?: string): Promise<void>;
  /** A connection in both directions. */
  createCodec(context: CodecContext): Codec;
  readonly requests?: Reading;
  readonly responses?: Reading;
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
