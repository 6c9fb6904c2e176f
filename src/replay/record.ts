/**
 * What is noted of one exchange while it is played, and what reports make of it.
 */
import type { ByteString } from "../base/bytes.ts";
import { dumpLines } from "../base/dump.ts";
import type { Comparison } from "../dialects/dialect.ts";
import { type Captured, NOTHING_CAPTURED } from "../match/captures.ts";
import type { Diff, Difference, ReceivedLine, ReplyDiff } from "../match/diff.ts";
import type { LinePattern } from "../match/pattern.ts";
import { matchLine } from "../match/text.ts";
import type { Scope } from "../match/variables.ts";
import { inWrittenOrder } from "../match/written-order.ts";
import type { PlannedExample, PlannedExchange } from "../plan/planned.ts";
import type { DiffRow, ExchangeResult, Failure, FailureKind } from "../play/outcome.ts";
import { Passed, type SentLine, writeSent } from "../play/passed.ts";
import { beginning, linesOf, showLine, showWithEnding } from "../play/received.ts";
import type { KnownReply } from "./known-replies.ts";

const NOTHING: readonly never[] = [];

/** A failed reply beside the written one, as far as its sentence needs to know. */
export interface Compared {
  readonly scope: Scope;
  readonly expects: readonly LinePattern[];
  /** The document's line that the failure stands at. */
  readonly line: number;
  /** Where the comparison parts from the written line at this line of the document. */
  difference(line: number): Difference | undefined;
}

/** The sentence of a failure, or how to word it once the reply is laid beside the written one. */
export type Message = string | ((compared: Compared) => string);

export class ExchangeRecord {
  readonly step: PlannedExchange;
  readonly example: PlannedExample;
  /** Client lines as they were sent, where that is not as they are written. */
  sent: readonly SentLine[] = NOTHING;
  failure: Failure | undefined;
  /** Why it was skipped, in words that make sense alone: "not tried: the connection was given up after line 31". */
  skipReason: string | undefined;
  #unsent = false;
  /** Its client lines were sent on a connection that turned out to be closed, and are to be sent once more. */
  isSentBefore = false;
  #isRepeated = false;
  /** The reply that was known, and came. */
  known: KnownReply | undefined;
  ms = 0;
  /** What came after what was received, and could not be read. */
  unreadable: ByteString = "";
  /** The last written line that was matched. */
  matched: LinePattern | undefined;
  #received: ByteString[] | undefined;
  #parts: readonly string[] = NOTHING;
  #diff: Diff | undefined;
  #message: Message = "";
  #note: Comparison["note"];
  /** Names as they stood when the exchange failed: what is bound later does not change what it says. */
  #scope: Scope | undefined;
  /** As it was told last. */
  #result: ExchangeResult | undefined;

  constructor(step: PlannedExchange, example: PlannedExample) {
    this.step = step;
    this.example = example;
  }

  /** What came, cut at LF or less. */
  get received(): readonly ByteString[] {
    return this.#received ?? this.known?.received?.lines ?? (this.known ? [this.known.reply] : NOTHING);
  }

  set received(lines: ByteString[]) {
    this.#received = lines;
  }

  /** Of each line received, what part of its message it is; of what came beyond the reply, nothing. */
  get parts(): readonly string[] {
    return this.known?.received?.parts ?? this.#parts;
  }

  set parts(parts: readonly string[]) {
    this.#parts = parts;
  }

  /** Notes a further line. */
  receive(line: ByteString): void {
    this.#received ??= [...this.received];
    this.#received.push(line);
  }

  get failed(): boolean {
    return this.failure !== undefined;
  }

  /** Notes what went wrong; what went wrong first stays. */
  fail(kind: FailureKind, line: number, message: Message): void {
    if (this.failure) return;
    this.#message = message;
    this.failure = { kind, line, message: typeof message === "string" ? message : "the reply differs" };
  }

  /** The same where the failure comes before the client lines are sent, so that reports do not show them as sent. */
  failUnsent(kind: FailureKind, line: number, message: Message): void {
    this.#unsent ||= !this.failed && !this.isSentBefore;
    this.fail(kind, line, message);
  }

  /** The same went wrong before and is shown there: what came is not compared again. */
  repeat(): void {
    if (this.failure) this.failure = { ...this.failure, message: `the opening failed again: ${this.failure.message}` };
    this.#diff = { rows: [], differences: [] };
    this.#isRepeated = true;
  }

  /** Notes that it was not tried, and why. */
  skip(reason: string): void {
    this.skipReason = reason;
  }

  get skipped(): boolean {
    return this.skipReason !== undefined;
  }

  /** Nothing more can be found to be wrong with it: of a reply that passed only the verdict is left. */
  forget(): void {
    if (this.failed) return;
    this.#received = undefined;
    this.#parts = NOTHING;
  }

  /** Where output that nothing asked for belongs: behind the last reply line, or the last client line. */
  get lineOfExtra(): number {
    const { expects, sends, line } = this.step;
    return (this.matched ?? expects.at(-1) ?? sends.at(-1))?.line ?? line;
  }

  /** Keeps of what came as many lines as reports show. */
  #cut(): void {
    const most = this.step.expects.length + LINES_SHOWN;
    const { received, parts } = this;
    if (received.length <= most) return;
    this.#received = received.slice(0, most);
    this.#parts = parts.slice(0, most);
  }

  /** Lays what came beside the written lines, for people, and words the failure. */
  async compare(scope: Scope): Promise<void> {
    this.#cut();
    if (this.#isRepeated) return;
    this.#scope ??= snapshot(scope, this.step);
    const known = this.#scope;
    const { expects } = this.step;
    const compared = await this.#compare(known);
    const rows = this.#dumpUnreadable().map((received): DiffRow => ({ kind: "received", received }));
    const diff = { ...compared, rows: [...compared.rows, ...rows] };
    this.#diff = diff;
    const message = this.#message;
    if (!this.failure || typeof message === "string") return;
    const difference = (line: number) => diff.differences.find(({ pattern }) => pattern.line === line);
    // In any order, the line that was awaited first may have come later.
    const { unordered } = this.example.settings;
    const noted = this.failure.line;
    const line = unordered && !difference(noted) ? (diff.differences[0]?.pattern.line ?? noted) : noted;
    const isNoted = this.failure.kind === "mismatch" && this.#note?.patterns.some((pattern) => pattern.line === line);
    const note = isNoted ? `; ${this.#note!.text}` : "";
    this.failure = { ...this.failure, line, message: message({ scope: known, expects, line, difference }) + note };
  }

  /** What it takes is loaded where something failed. */
  async #compare(scope: Scope): Promise<Diff> {
    const { expects } = this.step;
    const { dialect, settings } = this.example;
    const { eol, unordered } = settings;
    const endingOptional = !this.endingsCount;
    const rules = { eol: endingOptional ? "any" : eol, endingOptional } as const;
    if (expects.length === 0 && !this.isBytes) return { rows: this.#receivedLines().map(receivedRow), differences: [] };
    const options = settings.options[dialect.name] ?? {};
    const arranged = this.isBytes
      ? undefined
      : dialect.compare?.(expects, this.#withParts(), scope, unordered, eol, options);
    this.#note = arranged?.note;
    const match = (pattern: LinePattern, bytes: ByteString, captured: Captured): Captured | undefined => {
      if (!arranged) return matchLine(pattern, bytes, rules, scope, captured);
      if (!arranged.matches(pattern, bytes)) return undefined;
      // Where the line can be read like any other, it has to agree with what those before it captured.
      const read = (before: Captured) => matchLine(pattern, bytes, rules, scope, before);
      return read(captured) ?? (read(NOTHING_CAPTURED) ? undefined : captured);
    };
    if (this.isBytes || expects.some(isPiece)) {
      const { diffBytes } = await import("../match/byte-diff.ts");
      const ending = eol === "crlf" ? "\r\n" : "\n";
      const show = (bytes: ByteString) => showLine(bytes, eol, this.endingsCount);
      const comparison = { match, scope, suffix: this.#hexSuffix, ending, show };
      return diffBytes(expects, beginning(arranged?.lines ?? this.received), comparison);
    }
    const { ReplyDiff } = await import("../match/diff.ts");
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

  /** Whether what comes is bytes and no lines. */
  get isBytes(): boolean {
    const { expects } = this.step;
    if (expects.length === 0) return this.example.dialect.suffix === "hex";
    const isRun = expects.every(({ body }) => body.kind === "bytes" || body.kind === "ellipsis");
    return isRun && expects.some(({ body }) => body.kind === "bytes");
  }

  get #hexSuffix(): string {
    return this.example.dialect.suffix === "hex" ? "" : " (hex)";
  }

  /** Whether line endings mean something in its dialect, and are shown. */
  get endingsCount(): boolean {
    return this.example.dialect.freeEndings !== true;
  }

  #receivedLines(): readonly ReceivedLine[] {
    return this.#shown(this.example.dialect.arrange?.(this.#withParts()) ?? linesOf(this.received));
  }

  #withParts(): readonly { readonly line: ByteString; readonly part: string }[] {
    return this.received.map((line, i) => ({ line, part: this.parts[i] ?? "" }));
  }

  #shown(lines: readonly ByteString[], namesEnding?: (line: ByteString) => boolean): readonly ReceivedLine[] {
    const { eol } = this.example.settings;
    return lines.map((bytes) => ({
      bytes,
      shown: namesEnding?.(bytes) ? showWithEnding(bytes) : showLine(bytes, eol, this.endingsCount),
    }));
  }

  #writeReceived(): readonly string[] {
    const lines = this.isBytes
      ? dumpLines(beginning(this.received), this.#hexSuffix)
      : this.#receivedLines().map(({ shown }) => shown);
    return [...lines, ...this.#dumpUnreadable()];
  }

  /** As lines where it is text, else as bytes. */
  #dumpUnreadable(): readonly string[] {
    const { unreadable } = this;
    if (/[^\t\r\n -~\x80-\xff]/.test(unreadable)) return dumpLines(unreadable, this.#hexSuffix);
    return linesOf([unreadable]).map((line) => showLine(line, "any", this.endingsCount));
  }

  /** @param keepReceived whether the lines of a reply that passed are wanted. */
  result(keepReceived: boolean): ExchangeResult {
    if (this.#result?.failure !== this.failure || this.#result?.diff !== this.#diff?.rows) this.#result = undefined;
    this.#result ??= this.#makeResult(keepReceived);
    return this.#result;
  }

  #makeResult(keepReceived: boolean): ExchangeResult {
    if (!keepReceived && !this.failed && !this.skipped)
      return new Passed(this.step, this.sent, this.#hexSuffix, this.ms);
    this.#cut();
    const { line, connection, expects, sends } = this.step;
    return {
      line,
      connection,
      sent: writeSent(sends, this.sent, this.#hexSuffix),
      expected: expects.map(({ source }) => source),
      received: keepReceived || this.failed ? this.#writeReceived() : [],
      ...((this.#unsent || this.skipped) && { unsent: true }),
      status: this.skipped ? "skipped" : this.failed ? "failed" : "passed",
      ...(this.skipReason !== undefined && { reason: this.skipReason }),
      failure: this.failure,
      ...(this.#isRepeated && { repeated: true }),
      diff: this.#diff?.rows,
      ms: this.ms,
    };
  }
}

/** A line that is not followed by the beginning of another, or bytes. */
const isPiece = ({ body, ending }: LinePattern, i: number, all: readonly LinePattern[]): boolean =>
  body.kind === "bytes" || (ending === "none" && i < all.length - 1);

const receivedRow = ({ shown }: ReceivedLine): DiffRow => ({ kind: "received", received: shown });

/** The names that a written reply uses, as they stand now. */
function snapshot(scope: Scope, { expects }: PlannedExchange): Scope {
  const names = new Set(
    expects.flatMap(({ placeholders, groups }) => [...groups, ...placeholders.map(({ name }) => name)]),
  );
  const values = new Map([...names].map((name) => [name, [scope.get(name), scope.origin?.(name)] as const]));
  return { get: (name) => values.get(name)?.[0], origin: (name) => values.get(name)?.[1] };
}

function addWithJson(
  diff: ReplyDiff,
  expects: readonly LinePattern[],
  lines: readonly ReceivedLine[],
  { patterns, template, from, to }: NonNullable<Comparison["json"]>,
): void {
  const at = expects.indexOf(patterns[0]!);
  diff.lines(expects.slice(0, at), lines.slice(0, from));
  diff.json({ patterns, template, lines: lines.slice(from, to) });
  diff.lines(expects.slice(at + patterns.length), lines.slice(to));
}

/** So many lines, or pieces of them, beyond those that are written: a short one takes many times the room of its bytes. */
const LINES_SHOWN = 20_000;
