/**
 * What is noted of one exchange while it is played, and what reports make of it.
 */
import { type ByteString, writeByteLines, writeBytes, writeLine } from "../base/bytes.ts";
import type { Eol } from "../base/settings.ts";
import { NOTHING_CAPTURED } from "../match/captures.ts";
import { diffReply, type ReceivedLine } from "../match/diff.ts";
import type { LinePattern, LineTemplate } from "../match/pattern.ts";
import { matchLine, splitEnding } from "../match/text.ts";
import type { Scope } from "../match/variables.ts";
import type { PlannedExample, PlannedExchange } from "../plan/planned.ts";
import type { KnownReply } from "./known-replies.ts";
import type { ExchangeResult, Failure, FailureKind } from "./outcome.ts";

const NOTHING: readonly never[] = [];

export class ExchangeRecord {
  readonly step: PlannedExchange;
  readonly example: PlannedExample;
  /** Client lines as they were sent, where that is not as they are written. */
  sent: readonly { readonly bytes: ByteString }[] = NOTHING;
  failure: Failure | undefined;
  /** Why it was skipped, in words that make sense alone: "not tried: the connection was given up after line 31". */
  skipReason: string | undefined;
  #unsent = false;
  /** The reply that was known, and came. */
  known: KnownReply | undefined;
  ms = 0;
  /** The last written line that was matched. */
  matched: LinePattern | undefined;
  #received: ByteString[] | undefined;
  #parts: readonly string[] = NOTHING;
  #diff: ExchangeResult["diff"];
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
  fail(kind: FailureKind, line: number, message: string): void {
    this.failure ??= { kind, line, message };
  }

  /** The same where the failure comes before the client lines are sent, so that reports do not show them as sent. */
  failUnsent(kind: FailureKind, line: number, message: string): void {
    this.#unsent ||= !this.failed;
    this.fail(kind, line, message);
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

  /** Works out the rows for people; the names are looked up as they stand now. */
  async compare(scope: Scope): Promise<void> {
    this.#cut();
    const { eol, unordered } = this.example.settings;
    const rules = { eol: this.#endingsCount ? eol : "any", endingOptional: !this.#endingsCount } as const;
    const { expects } = this.step;
    if (this.isBytes) {
      const { diffBytes } = await import("../match/byte-diff.ts");
      this.#diff = diffBytes(expects, beginning(this.received), scope, this.#hexSuffix);
      return;
    }
    const comparison = this.example.dialect.compare?.(expects, this.#withParts(), scope, unordered);
    const lines = comparison ? this.#shown(comparison.lines) : this.#receivedLines();
    const matches = (pattern: LinePattern, line: ByteString): boolean =>
      pattern.body.kind === "bytes"
        ? pattern.literal === line
        : matchLine(pattern, line, rules, scope, NOTHING_CAPTURED) !== undefined;
    const inOrder = unordered && !comparison ? inOrderOf(expects, lines, matches) : lines;
    this.#diff = await diffReply(expects, inOrder, comparison?.matches ?? matches);
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

  get #endingsCount(): boolean {
    return this.example.dialect.freeEndings !== true;
  }

  #receivedLines(): readonly ReceivedLine[] {
    return this.#shown(this.example.dialect.arrange?.(this.#withParts()) ?? linesOf(this.received));
  }

  #withParts(): readonly { readonly line: ByteString; readonly part: string }[] {
    return this.received.map((line, i) => ({ line, part: this.parts[i] ?? "" }));
  }

  #shown(lines: readonly ByteString[]): readonly ReceivedLine[] {
    return lines.map((bytes) => ({ bytes, shown: showLine(bytes, this.example.settings.eol, this.#endingsCount) }));
  }

  #writeReceived(): readonly string[] {
    if (this.isBytes) return writeByteLines(beginning(this.received), this.#hexSuffix);
    return this.#receivedLines().map(({ shown }) => shown);
  }

  /** A client line as a document writes it: its own words where nothing in them was replaced. */
  #writeSent(bytes: ByteString, template: LineTemplate | undefined): string {
    if (template?.placeholders.length === 0) return template.source;
    return template?.isBytes ? writeBytes(bytes) + this.#hexSuffix : writeLine(bytes);
  }

  /** @param keepReceived whether the lines of a reply that passed are wanted. */
  result(keepReceived: boolean): ExchangeResult {
    if (this.#result?.failure !== this.failure || this.#result?.diff !== this.#diff) this.#result = undefined;
    this.#result ??= this.#makeResult(keepReceived);
    return this.#result;
  }

  #makeResult(keepReceived: boolean): ExchangeResult {
    if (!keepReceived && !this.failed && !this.skipped && this.sent === NOTHING) return new Passed(this.step, this.ms);
    this.#cut();
    const { line, connection, expects, sends } = this.step;
    return {
      line,
      connection,
      sent:
        this.sent.length > 0
          ? this.sent.map(({ bytes }, i) => this.#writeSent(bytes, sends[i]))
          : sends.map(({ source }) => source),
      expected: expects.map(({ source }) => source),
      received: keepReceived || this.failed ? this.#writeReceived() : [],
      ...((this.#unsent || this.skipped) && { unsent: true }),
      status: this.skipped ? "skipped" : this.failed ? "failed" : "passed",
      ...(this.skipReason !== undefined && { reason: this.skipReason }),
      failure: this.failure,
      diff: this.#diff,
      ms: this.ms,
    };
  }
}

/** An exchange that passed, where nobody wants its reply: most of them, so it is no more than its place. */
class Passed implements ExchangeResult {
  readonly #step: PlannedExchange;
  readonly ms: number;
  constructor(step: PlannedExchange, ms: number) {
    this.#step = step;
    this.ms = ms;
  }
  get line(): number {
    return this.#step.line;
  }
  get connection(): string {
    return this.#step.connection;
  }
  get sent(): readonly string[] {
    return this.#step.sends.map(({ source }) => source);
  }
  get expected(): readonly string[] {
    return this.#step.expects.map(({ source }) => source);
  }
  get received(): readonly string[] {
    return NOTHING;
  }
  get status(): "passed" {
    return "passed";
  }
  get failure(): undefined {
    return undefined;
  }
  get diff(): undefined {
    return undefined;
  }
  toJSON(): ExchangeResult {
    const { line, connection, sent, expected, received, status, failure, diff, ms } = this;
    return { line, connection, sent, expected, received, status, failure, diff, ms };
  }
}

/** Lines that may come in any order, in that of the written ones; what matches none comes last. */
function inOrderOf(
  expects: readonly LinePattern[],
  received: readonly ReceivedLine[],
  matches: (pattern: LinePattern, line: ByteString) => boolean,
): readonly ReceivedLine[] {
  const free = new Set(received);
  const taken = new Map<LinePattern, ReceivedLine>();
  const literalsFirst = [...expects].sort((a, b) => Number(a.literal === undefined) - Number(b.literal === undefined));
  for (const pattern of literalsFirst) {
    for (const line of free) {
      if (!matches(pattern, line.bytes)) continue;
      taken.set(pattern, line);
      free.delete(line);
      break;
    }
  }
  return [...expects.flatMap((pattern) => taken.get(pattern) ?? []), ...free];
}

/** What came, cut behind each LF. */
const linesOf = (received: readonly ByteString[]): readonly ByteString[] =>
  beginning(received).match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** What came, as far as reports show it. */
function beginning(received: readonly ByteString[]): ByteString {
  let text = "";
  for (const piece of received) {
    text += piece;
    if (text.length > BYTES_SHOWN) return text.slice(0, BYTES_SHOWN);
  }
  return text;
}

/** A received line as a document would write it, its ending too where that is not the one that `eol` names. */
function showLine(bytes: ByteString, eol: Eol, endingsCount: boolean): string {
  const { text, ending } = splitEnding(bytes, eol);
  const shown = writeLine(text);
  if (!endingsCount) return shown;
  if (ending === "") return `${shown} (no-eol)`;
  if (eol === "any" || (ending === "\r\n") === (eol === "crlf")) return shown;
  return `${shown} (${ending === "\n" ? "lf" : "crlf"})`;
}

/** So much of a reply is kept for reports. */
const BYTES_SHOWN = 1 << 20;
/** So many lines, or pieces of them, beyond those that are written: a short one takes many times the room of its bytes. */
const LINES_SHOWN = 20_000;
