/** What reports make of a note: the sentence of its failure, the rows that lay the reply beside the written one. */
import type { ByteString } from "../base/bytes.ts";
import { dumpLines } from "../base/dump.ts";
import type { Comparison, ReadingContext } from "../dialects/dialect.ts";
import type { diffBytes } from "../match/byte-diff.ts";
import { type Captured, NOTHING_CAPTURED } from "../match/captures.ts";
import type { Diff, ReplyDiff, ShownLine } from "../match/diff.ts";
import type { LinePattern } from "../match/pattern.ts";
import { matchLine } from "../match/text.ts";
import type { Scope } from "../match/variables.ts";
import { inWrittenOrder } from "../match/written-order.ts";
import { optionsOf } from "../plan/settings.ts";
import { type Note, snapshot } from "./note.ts";
import type { DiffRow, ExchangeResult, Failure } from "./outcome.ts";
import { writeSent } from "./passed.ts";
import { beginning, linesOf, showLine, showWithEnding } from "./received.ts";

/** What compares replies. It is loaded where one differs. */
export interface Differ {
  readonly ReplyDiff: typeof ReplyDiff;
  readonly diffBytes: typeof diffBytes;
}

/** Reports show at most this many lines, or pieces, more than are written: a short line takes many times its size in memory. */
const LINES_SHOWN = 20_000;

/** The result of one exchange, made anew where the note has changed since. */
export class Told {
  readonly note: Note;
  /** The failure in words. */
  failure: Failure | undefined;
  #diff: Diff | undefined;
  #aside: Comparison["note"];
  /** The failure as it was explained from outside. */
  #explained: Failure | undefined;
  #result: ExchangeResult | undefined;
  /** The note's revision that was compared, and the one that the result is of. */
  #compared = -1;
  #told = -1;

  constructor(note: Note) {
    this.note = note;
  }

  /** Replaces the failure by one that says more. */
  explain(failure: Failure): void {
    this.#explained = failure;
    this.failure = failure;
    this.#result = undefined;
  }

  /**
   * Lays what came beside the written lines, where the exchange failed, and words the failure.
   * @param scope the present values of names, for a note without values of its own.
   */
  compare(differ: Differ, scope: Scope): void {
    const { note } = this;
    if (!note.finding || this.#compared === note.revision) return;
    this.#cut();
    this.#compared = note.revision;
    note.scope ??= snapshot(scope, note.expects);
    this.#result = undefined;
    const { expects } = note;
    const compared = this.#compare(differ, note.scope);
    const rows = this.#dumpUnreadable().map((received): DiffRow => ({ kind: "received", received }));
    const diff = { ...compared, rows: [...compared.rows, ...rows] };
    this.#diff = note.isRepeated ? { rows: [], differences: [] } : diff;
    const { kind, line: noted, sentence } = note.finding;
    const difference = (line: number) => diff.differences.find(({ pattern }) => pattern.line === line);
    // In any order, the line that was awaited first may have come later.
    const { unordered } = note.example.settings;
    const isWorded = typeof sentence !== "function";
    const line = !isWorded && unordered && !difference(noted) ? (diff.differences[0]?.pattern.line ?? noted) : noted;
    const isAside = kind === "mismatch" && this.#aside?.patterns.some((pattern) => pattern.line === line);
    const message =
      typeof sentence === "string"
        ? sentence
        : isWorded
          ? sentence.later()
          : sentence({ scope: note.scope, expects, line, difference }) + (isAside ? `; ${this.#aside!.text}` : "");
    const withCuts = note.cuts === undefined ? message : `${message}; ${note.cuts}`;
    this.failure = this.#explained ?? {
      kind,
      line,
      message: note.isRepeated ? `the opening failed again: ${withCuts}` : withCuts,
    };
  }

  /** Keeps of what came as many lines as reports show. */
  #cut(): void {
    const { note } = this;
    const most = note.expects.length + LINES_SHOWN;
    const { received, parts } = note;
    if (received.length <= most) return;
    note.received = received.slice(0, most);
    note.parts = parts.slice(0, most);
    note.isCut = true;
  }

  #compare({ ReplyDiff, diffBytes }: Differ, scope: Scope): Diff {
    const { note } = this;
    const { expects, isBytes, endingsCount } = note;
    const { dialect, settings } = note.example;
    const { eol, unordered } = settings;
    const rules = { eol: endingsCount ? eol : "any", endingOptional: !endingsCount } as const;
    if (expects.length === 0 && !isBytes) return { rows: this.#receivedLines().map(receivedRow), differences: [] };
    const options = optionsOf(dialect, settings);
    const context: ReadingContext = { eol, unordered, options, isAnswer: note.isMineFirst && note.sends.length > 0 };
    const arranged = isBytes ? undefined : note.reading?.compare?.(expects, this.#withParts(), scope, context);
    this.#aside = arranged?.note;
    const match = (pattern: LinePattern, bytes: ByteString, captured: Captured): Captured | undefined => {
      if (!arranged) return matchLine(pattern, bytes, rules, scope, captured);
      if (!arranged.matches(pattern, bytes)) return undefined;
      // Where the line can be read like any other, it has to agree with what those before it captured.
      const read = (before: Captured) => matchLine(pattern, bytes, rules, scope, before);
      return read(captured) ?? (read(NOTHING_CAPTURED) ? undefined : captured);
    };
    if (isBytes || expects.some(isPiece)) {
      const ending = eol === "crlf" ? "\r\n" : "\n";
      const show = (bytes: ByteString) => showLine(bytes, eol, endingsCount);
      const comparison = { match, scope, suffix: this.note.hexSuffix, ending, show };
      return diffBytes(expects, beginning(arranged?.lines ?? note.received), comparison);
    }
    const diff = new ReplyDiff({ scope, match });
    const lines = arranged ? this.#shown(arranged.lines, arranged.namesEnding) : this.#receivedLines();
    if (unordered && !arranged)
      diff.lines(
        expects,
        inWrittenOrder(expects, lines, (one, { bytes }) => match(one, bytes, NOTHING_CAPTURED) !== undefined),
      );
    else if (arranged?.json) addWithJson(diff, expects, lines, arranged.json);
    else diff.lines(expects, lines);
    return diff;
  }

  #receivedLines(): readonly ShownLine[] {
    const { note } = this;
    return this.#shown(note.reading?.arrange?.(this.#withParts()) ?? linesOf(note.received));
  }

  #withParts(): readonly { readonly line: ByteString; readonly part: string }[] {
    const { received, parts } = this.note;
    return received.map((line, i) => ({ line, part: parts[i] ?? "" }));
  }

  #shown(lines: readonly ByteString[], namesEnding?: (line: ByteString) => boolean): readonly ShownLine[] {
    const { endingsCount, example } = this.note;
    const { eol } = example.settings;
    return lines.map((bytes) => ({
      bytes,
      shown: namesEnding?.(bytes) ? showWithEnding(bytes) : showLine(bytes, eol, endingsCount),
    }));
  }

  #writeReceived(): readonly string[] {
    const { note } = this;
    const lines = note.isBytes
      ? dumpLines(beginning(note.received), this.note.hexSuffix)
      : this.#receivedLines().map(({ shown }) => shown);
    return [...lines, ...this.#dumpUnreadable()];
  }

  /** As lines where it is text, else as bytes. */
  #dumpUnreadable(): readonly string[] {
    const { unreadable, endingsCount } = this.note;
    if (/[^\t\r\n -~\x80-\xff]/.test(unreadable)) return dumpLines(unreadable, this.note.hexSuffix);
    return linesOf([unreadable]).map((line) => showLine(line, "any", endingsCount));
  }

  /**
   * @param keepReceived whether the lines of a reply that passed are wanted.
   * @param skippedBy why something was skipped after a failure.
   */
  result(keepReceived: boolean, skippedBy: (cause: Note) => string): ExchangeResult {
    const { revision } = this.note;
    if (this.#told !== revision || this.#result?.status !== this.#status) this.#result = undefined;
    this.#told = revision;
    this.#result ??= this.#makeResult(keepReceived, skippedBy);
    return this.#result;
  }

  get #status(): ExchangeResult["status"] {
    const { note } = this;
    return note.skipped ? "skipped" : note.failed ? "failed" : "passed";
  }

  #makeResult(keepReceived: boolean, skippedBy: (cause: Note) => string): ExchangeResult {
    const { note } = this;
    const { line, on, sends, sent, expects, skipReason, ms } = note;
    this.#cut();
    return {
      line,
      connection: on,
      ...(note.role === "server" && { answers: true as const }),
      sent: writeSent(sends, sent, this.note.hexSuffix),
      expected: expects.map(({ source }) => source),
      received: keepReceived || note.failed ? this.#writeReceived() : [],
      ...((note.isUnsent || note.skipped) && { unsent: true }),
      status: this.#status,
      ...(skipReason !== undefined && { reason: typeof skipReason === "string" ? skipReason : skippedBy(skipReason) }),
      failure: this.failure,
      ...(note.isRepeated && { repeated: true }),
      diff: this.#diff?.rows,
      ms,
    };
  }
}

/** A line that is not followed by the beginning of another, or bytes. */
const isPiece = ({ body, ending }: LinePattern, i: number, all: readonly LinePattern[]): boolean =>
  body.kind === "bytes" || (ending === "none" && i < all.length - 1);

const receivedRow = ({ shown }: ShownLine): DiffRow => ({ kind: "received", received: shown });

function addWithJson(
  diff: ReplyDiff,
  expects: readonly LinePattern[],
  lines: readonly ShownLine[],
  { patterns, template, from, to }: NonNullable<Comparison["json"]>,
): void {
  const at = expects.indexOf(patterns[0]!);
  diff.lines(expects.slice(0, at), lines.slice(0, from));
  diff.json({ patterns, template, lines: lines.slice(from, to) });
  diff.lines(expects.slice(at + patterns.length), lines.slice(to));
}
