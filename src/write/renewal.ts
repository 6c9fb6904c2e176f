/**
 * The reply lines of an exchange that failed, written anew so that they match what came and keep what the author meant
 * (format guide, section 7). The most careful way is tried first; what is found is held against what came.
 */
import { type ByteString, decodeText } from "../base/bytes.ts";
import type { Comparison, ReceivedLine } from "../dialects/dialect.ts";
import { diffBytes } from "../match/byte-diff.ts";
import { type Captured, NOTHING_CAPTURED } from "../match/captures.ts";
import { parseJson } from "../match/json-reader.ts";
import { alignLines } from "../match/line-alignment.ts";
import type { Captures } from "../match/matcher.ts";
import type { LinePattern } from "../match/pattern.ts";
import { matchLine } from "../match/text.ts";
import { inWrittenOrder, pairUp } from "../match/written-order.ts";
import { asWritten, createLikeness } from "./alike.ts";
import { besideDots } from "./beside-dots.ts";
import { contextOf, type FailedReply, receivedLines, wholeLines, withoutHeaders } from "./failed-reply.ts";
import { hear, readLine } from "./hear.ts";
import { renewJson } from "./renew-json.ts";
import { renewLine } from "./renew-line.ts";
import { type ReplyLine, type ReplyStyle, standsIn, writeReplyLine, writeRun } from "./reply.ts";

/** A line of the reply; `pattern`: the written one that it is, or whose place it takes. */
export interface RenewedLine extends ReplyLine {
  readonly pattern: LinePattern | undefined;
}

export interface Renewal {
  readonly lines: readonly RenewedLine[];
  readonly captures: Captures;
}

/** @returns undefined where no reply can be written that matches and binds the names that are needed. */
export function renewReply(reply: FailedReply): Renewal | undefined {
  for (const candidate of CANDIDATES) {
    const lines = candidate(new Renewer(reply));
    const captures = hear(lines, reply);
    if (captures) return { lines, captures };
  }
  return undefined;
}

const CANDIDATES: readonly ((renewer: Renewer) => readonly RenewedLine[])[] = [
  (renewer) => renewer.careful(),
  (renewer) => renewer.untilLast(),
  (renewer) => renewer.plain(),
];

const keep = (pattern: LinePattern): RenewedLine => ({ pattern, text: pattern.source, marked: pattern.marked });

class Renewer {
  readonly #reply: FailedReply;
  readonly #comparison: Comparison | undefined;
  readonly #isAlike = createLikeness();
  #captured: Captured = NOTHING_CAPTURED;

  constructor(reply: FailedReply) {
    this.#reply = reply;
    const { note } = reply;
    this.#comparison = note.isBytes ? undefined : this.#compare(note.expects);
  }

  #compare(expects: readonly LinePattern[]): Comparison | undefined {
    const { note, scope } = this.#reply;
    return note.example.dialect.responses?.compare?.(expects, receivedLines(note), scope, contextOf(note));
  }

  /** Lines that match stay, and what of the others fits. */
  careful(): readonly RenewedLine[] {
    const { note } = this.#reply;
    const { expects, isBytes } = note;
    if (expects.length === 0) return this.plain();
    if (isBytes || expects.some(isPiece)) return this.#bytes();
    const lines = this.#lines;
    if (note.example.settings.unordered && !this.#comparison) return this.#unordered(lines);
    const json = this.#comparison?.json;
    if (!json) return this.#align(expects, lines);
    const at = expects.indexOf(json.patterns[0]!);
    return [
      ...this.#align(expects.slice(0, at), lines.slice(0, json.from)),
      ...this.#json(json, lines.slice(json.from, json.to)),
      ...this.#align(expects.slice(at + json.patterns.length), lines.slice(json.to)),
    ];
  }

  /**
   * Of a reply in any order, `...` does not take the last line: the reply ends once no written line is free. So what came
   * last is written, in the place of a line that did not come where there is one.
   */
  untilLast(): readonly RenewedLine[] {
    const { expects, isBytes, example } = this.#reply.note;
    const isOpen = expects.some(isEllipsis);
    if (!isOpen || !example.settings.unordered || this.#comparison || isBytes) return [];
    const lastFirst = this.#lines.toReversed();
    const { pairs, free } = pairUp(expects, lastFirst, this.#matches);
    const lines = this.#unordered(lastFirst);
    const isAwaited = expects.some((one) => one.repeat === "once" && !isEllipsis(one) && !pairs.has(one));
    if (isAwaited || free[0] !== lastFirst[0]) return lines;
    return lines.flatMap((line) =>
      line.pattern && isEllipsis(line.pattern) ? [this.#new(lastFirst[0]!), line] : [line],
    );
  }

  #unordered(received: readonly ByteString[]): readonly RenewedLine[] {
    const { expects } = this.#reply.note;
    return this.#align(expects, inWrittenOrder(expects, received, this.#matches));
  }

  /** Just what came; of headers only those that are written. */
  plain(): readonly RenewedLine[] {
    const { note, style } = this.#reply;
    if (note.isBytes) return writeRun(note.received.join(""), note.hexSuffix, style).map(asNew);
    const lines = note.expects.length > 0 ? this.#lines : this.#arrange(withoutHeaders(receivedLines(note)));
    return lines.map((line) => this.#new(line));
  }

  #arrange(received: readonly ReceivedLine[]): readonly ByteString[] {
    const arrange = this.#reply.note.example.dialect.responses?.arrange;
    return arrange?.(received) ?? wholeLines(received.map(({ line }) => line));
  }

  get #lines(): readonly ByteString[] {
    return this.#comparison?.lines ?? this.#arrange(receivedLines(this.#reply.note));
  }

  /** Where an ending has to be seen in a dialect whose lines do not name them. */
  #styleOf(line: ByteString): ReplyStyle {
    const { style } = this.#reply;
    return this.#comparison?.namesEnding?.(line) ? { ...style, ending: "named" } : style;
  }

  #new(line: ByteString): RenewedLine {
    return asNew(writeReplyLine(line, this.#styleOf(line)));
  }

  readonly #match = (pattern: LinePattern, line: ByteString, captured: Captured): Captured | undefined => {
    const { note, scope } = this.#reply;
    const rules = {
      eol: note.endingsCount ? note.example.settings.eol : "any",
      endingOptional: !note.endingsCount,
    } as const;
    const read = (before: Captured) => matchLine(pattern, line, rules, scope, before);
    if (!this.#comparison) return read(captured);
    if (!this.#comparison.matches(pattern, line)) return undefined;
    return read(captured) ?? (read(NOTHING_CAPTURED) ? undefined : captured);
  };

  readonly #matches = (pattern: LinePattern, line: ByteString): boolean =>
    this.#match(pattern, line, NOTHING_CAPTURED) !== undefined;

  #align(expects: readonly LinePattern[], received: readonly ByteString[]): readonly RenewedLine[] {
    // Names that the lines at the beginning bind stand for the same in those after them.
    let known = this.#captured;
    for (const [i, pattern] of expects.entries()) {
      const line = received[i];
      const next = line !== undefined && pattern.repeat === "once" ? this.#match(pattern, line, known) : undefined;
      if (!next) break;
      known = next;
    }
    const pairs = besideDots(
      expects,
      alignLines(expects, received, {
        matches: (pattern, line) => this.#match(pattern, line, known) !== undefined,
        isAlike: this.#isAlike,
      }),
    );
    const lines: RenewedLine[] = [];
    let next = 0;
    for (const { kind, expected, received: r } of pairs) {
      if (expected === undefined) {
        lines.push(this.#new(received[r!]!));
        continue;
      }
      // Lines that may be absent, and are, have no pair.
      for (; next < expected; next++) lines.push(keep(expects[next]!));
      if (next > expected) continue;
      next = expected + 1;
      if (kind !== "expected") lines.push(this.#inPlace(expects[expected]!, received[r!]!, kind === "took"));
    }
    for (; next < expects.length; next++) lines.push(keep(expects[next]!));
    return lines;
  }

  #inPlace(pattern: LinePattern, line: ByteString, isTaken: boolean): RenewedLine {
    const captured = isTaken ? this.#captured : this.#match(pattern, line, this.#captured);
    if (captured) {
      this.#captured = captured;
      return keep(pattern);
    }
    const { note, scope } = this.#reply;
    const read = (text: string) =>
      readLine({ text, line: pattern.line, column: 1, marked: pattern.marked }, note.example.dialect);
    const renewed = renewLine(pattern, line, this.#styleOf(line), read, scope, this.#captured);
    this.#captured = renewed.captured;
    // Who marks a line that says something without need, marks all of them.
    const marked = renewed.line.marked || (pattern.marked && pattern.source !== "");
    const { text } = renewed.line;
    const short = asWritten(pattern, text).find((one) => this.#isAs(pattern, read(one), line));
    return { text: short ?? text, marked, pattern };
  }

  /** Whether the dialect takes a line as one that is written so, in the place of another. */
  #isAs(pattern: LinePattern, written: LinePattern | undefined, line: ByteString): boolean {
    if (!this.#comparison || written?.body.kind !== "text") return false;
    const { expects } = this.#reply.note;
    return this.#compare(expects.map((one) => (one === pattern ? written : one)))?.matches(written, line) === true;
  }

  /** Lines that are JSON together. A line that stays the same is the written one. */
  #json({ patterns, template }: NonNullable<Comparison["json"]>, lines: readonly ByteString[]): readonly RenewedLine[] {
    const { scope, style } = this.#reply;
    const document = parseJson(decodeText(lines.join("")));
    if (!document) return this.#align(patterns, lines);
    const renewed = renewJson(template, document, scope, this.#captured);
    this.#captured = renewed.captured;
    const left = [...patterns];
    return renewed.text.split("\n").map((text): RenewedLine => {
      const at = left.findIndex(({ source }) => source === text);
      if (at >= 0) return keep(left.splice(0, at + 1).at(-1)!);
      return asNew(standsIn(text, style) ?? { text, marked: true });
    });
  }

  /** Bytes in the author's layout. */
  #bytes(): readonly RenewedLine[] {
    const { note, scope, style } = this.#reply;
    const { expects, received } = note;
    const show = (line: ByteString): string => writeReplyLine(line, this.#styleOf(line)).text;
    const ending = note.example.settings.eol === "crlf" ? "\r\n" : "\n";
    const { rows } = diffBytes(expects, (this.#comparison?.lines ?? received).join(""), {
      match: this.#match,
      scope,
      suffix: note.hexSuffix,
      ending,
      show,
      keepsWords: true,
    });
    const left = [...expects];
    const take = (is: (pattern: LinePattern) => boolean): LinePattern | undefined => {
      const at = left.findIndex(is);
      return at < 0 ? undefined : left.splice(0, at + 1).at(-1);
    };
    return rows.flatMap((row): readonly RenewedLine[] => {
      switch (row.kind) {
        case "same": {
          const pattern = take(({ source }) => source === row.expected);
          return pattern ? [keep(pattern)] : [];
        }
        case "expected":
          take(({ line }) => line === row.line);
          return [];
        case "changed": {
          const pattern = take(({ line }) => line === row.line);
          return [{ ...(standsIn(row.received, style) ?? { text: row.received, marked: true }), pattern }];
        }
        case "received":
          return [asNew(standsIn(row.received, style) ?? { text: row.received, marked: true })];
        default:
          return row satisfies never;
      }
    });
  }
}

const isEllipsis = ({ body }: LinePattern): boolean => body.kind === "ellipsis";

const asNew = (line: ReplyLine): RenewedLine => ({ ...line, pattern: undefined });

/** A line that is not followed by the beginning of another, or bytes. */
const isPiece = ({ body, ending }: LinePattern, i: number, all: readonly LinePattern[]): boolean =>
  body.kind === "bytes" || (ending === "none" && i < all.length - 1);
