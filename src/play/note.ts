/** What became of one exchange: data only. When it is reported, result.ts makes its result and its sentence. */
import type { ByteString } from "../base/bytes.ts";
import type { Decoded } from "../dialects/codec.ts";
import type { Reading } from "../dialects/dialect.ts";
import type { Difference } from "../match/diff.ts";
import type { LinePattern } from "../match/pattern.ts";
import type { Scope } from "../match/variables.ts";
import { isMine, type Party, type Say } from "../plan/moves.ts";
import type { PlannedExample } from "../plan/planned.ts";
import type { FailureKind } from "./outcome.ts";
import type { SentLine } from "./passed.ts";

const NOTHING: readonly never[] = [];
const PEERS = { client: { name: "server", says: "reply" }, server: { name: "client", says: "request" } } as const;

/** A failed reply beside the written one, as far as its sentence needs to know. */
export interface Compared {
  readonly scope: Scope;
  readonly expects: readonly LinePattern[];
  /** The document's line of the failure. */
  readonly line: number;
  /** Where the comparison parts from the written line at this line of the document. */
  difference(line: number): Difference | undefined;
}

/**
 * The sentence of a failure; or how to word it when it is reported, as more may come until then; or how to word it once the
 * reply is laid beside the written one.
 */
export type Sentence = string | { readonly later: () => string } | ((compared: Compared) => string);

export interface Finding {
  readonly kind: FailureKind;
  readonly line: number;
  readonly sentence: Sentence;
}

export class Note {
  readonly example: PlannedExample;
  /** Who plays it. */
  readonly role: Party;
  readonly on: string;
  readonly line: number;
  /** One's own lines and the other party's, as they are written. */
  readonly sends: readonly LinePattern[];
  readonly expects: readonly LinePattern[];
  /** Whether a reply is read; one of which nothing is written is kept and not compared. */
  readonly awaitsReply: boolean;
  /** Whether one's own lines come first; else they answer what comes. */
  readonly isMineFirst: boolean;
  /** Whether no line holds a name, so that nothing has to be looked up; and whether one's own lines hold one. */
  readonly isKnown: boolean;
  readonly sendsNames: boolean;
  /** Client lines as they were sent, where that is not as they are written. */
  sent: readonly SentLine[] = NOTHING;
  /** What went wrong first. */
  finding: Finding | undefined;
  /** Why it was skipped, in words that make sense alone; or the failure after which it was not tried: its line is told later. */
  skipReason: string | Note | undefined;
  isUnsent = false;
  /** How its client lines were cut up, for reports (`--segment`). */
  cuts: string | undefined;
  /** Its client lines were sent on a connection that turned out to be closed, and are to be sent once more. */
  isSentBefore = false;
  /** Whether that was in its turn, and not ahead of it. */
  isSentInTurn = false;
  /** The same went wrong before and is shown there. */
  isRepeated = false;
  /** When it began, in milliseconds of the runner's clock. */
  started = 0;
  /** Milliseconds from its client lines to the end of its reply. */
  ms = 0;
  /** What came after what was received, and could not be read. */
  unreadable: ByteString = "";
  /** Of what was received, the lines that no reply takes. */
  extra: ByteString[] = [];
  /** How many lines had been received at the end of each message. */
  ends: readonly number[] = NOTHING;
  /** It failed, and its reply lines can be written anew (`--update`): the example goes on as if it had passed. */
  isAmended = false;
  /** Of what was received, more than reports show was dropped. */
  isCut = false;
  /** The last written line that was matched. */
  matched: LinePattern | undefined;
  /** The values of names when it failed: what is bound later does not change its sentence. */
  scope: Scope | undefined;
  /** Counts the changes to what was received and found. */
  revision = 0;
  #received: ByteString[] | undefined;
  #parts: readonly string[] | undefined;
  /** A reply that was matched on its raw bytes. */
  #undecoded: { decoded(): readonly Decoded[] } | undefined;

  constructor(first: Say, answer: Say | undefined, example: PlannedExample, role: Party) {
    this.example = example;
    this.role = role;
    this.on = first.on;
    this.line = first.line;
    const rest = answer?.lines ?? NOTHING;
    this.isMineFirst = isMine(first, role);
    this.isKnown = first.isKnown && (answer?.isKnown ?? true);
    this.sendsNames = (this.isMineFirst ? first : answer)?.isKnown === false;
    this.sends = this.isMineFirst ? first.lines : rest;
    this.expects = this.isMineFirst ? rest : first.lines;
    this.awaitsReply = !this.isMineFirst || answer !== undefined;
  }

  /** The document's line of its first written line. */
  get firstLine(): number {
    const lines = this.isMineFirst ? this.sends : this.expects;
    return lines[0]?.line ?? this.line;
  }

  /** What came, cut at LF or less. */
  get received(): readonly ByteString[] {
    this.#decode();
    return this.#received ?? NOTHING;
  }

  set received(lines: ByteString[]) {
    this.#decode();
    this.#received = lines;
    this.revision++;
  }

  /** Of each line received, what part of its message it is; of what came beyond the reply, nothing. */
  get parts(): readonly string[] {
    this.#decode();
    return this.#parts ?? NOTHING;
  }

  set parts(parts: readonly string[]) {
    this.#parts = parts;
  }

  /** A reply that is decoded only where somebody asks for it. */
  receiveUndecoded(reply: { decoded(): readonly Decoded[] }): void {
    this.#undecoded = reply;
  }

  #decode(): void {
    const messages = this.#undecoded?.decoded();
    if (!messages) return;
    this.#undecoded = undefined;
    this.#received = messages.flatMap(({ lines }) => lines);
    let count = 0;
    this.ends = messages.flatMap(({ lines, ends }) => {
      count += lines.length;
      return ends === undefined ? [] : [count];
    });
    const hasParts = messages.some(({ part }) => part !== "");
    this.#parts = hasParts ? messages.flatMap(({ lines, part }) => lines.map(() => part)) : NOTHING;
  }

  /** Notes a further line. */
  receive(line: ByteString): void {
    this.#decode();
    this.#received ??= [];
    this.#received.push(line);
    this.revision++;
  }

  /** Of a reply that passed only the verdict is left. */
  forget(): void {
    if (this.failed) return;
    this.#undecoded = undefined;
    this.#received = undefined;
    this.#parts = undefined;
  }

  get failed(): boolean {
    return this.finding !== undefined;
  }

  get skipped(): boolean {
    return this.skipReason !== undefined;
  }

  /** Notes what went wrong; what went wrong first stays. */
  fail(kind: FailureKind, line: number, sentence: Sentence): void {
    if (this.finding) return;
    this.finding = { kind, line, sentence };
    this.revision++;
  }

  /** The same where the failure comes before the client lines are sent, so that reports do not show them as sent. */
  failUnsent(kind: FailureKind, line: number, sentence: Sentence): void {
    this.isUnsent ||= !this.failed && !this.isSentBefore;
    this.fail(kind, line, sentence);
  }

  /** Where output that nothing asked for belongs: after the last reply line, or the last client line. */
  get lineOfExtra(): number {
    return (this.matched ?? this.expects.at(-1) ?? this.sends.at(-1))?.line ?? this.line;
  }

  /** Whether what comes is bytes and no lines. */
  get isBytes(): boolean {
    const { expects } = this;
    if (expects.length === 0) return this.example.dialect.suffix === "hex";
    const isRun = expects.every(({ body }) => body.kind === "bytes" || body.kind === "ellipsis");
    return isRun && expects.some(({ body }) => body.kind === "bytes");
  }

  /** How the other party's lines are read. */
  get reading(): Reading | undefined {
    const { requests, responses } = this.example.dialect;
    return this.role === "client" ? responses : requests;
  }

  /** The other party in words, and what it says. */
  get peer(): { readonly name: Party; readonly says: "reply" | "request" } {
    return PEERS[this.role];
  }

  /** What a line of bytes bears in the document. */
  get hexSuffix(): string {
    return this.example.dialect.suffix === "hex" ? "" : " (hex)";
  }

  /** Whether line endings mean something in its dialect, and are shown. */
  get endingsCount(): boolean {
    return this.reading?.freeEndings !== true;
  }
}

/** The present values of the names that a written reply uses. */
export function snapshot(scope: Scope, expects: readonly LinePattern[]): Scope {
  const names = new Set(
    expects.flatMap(({ placeholders, groups }) => [...groups, ...placeholders.map(({ name }) => name)]),
  );
  const values = new Map([...names].map((name) => [name, [scope.get(name), scope.origin?.(name)] as const]));
  return { get: (name) => values.get(name)?.[0], origin: (name) => values.get(name)?.[1] };
}
