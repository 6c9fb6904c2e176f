import { type ByteString, writeLine } from "../base/bytes.ts";
import { writeDump } from "../base/dump.ts";
import type { LinePattern } from "../match/pattern.ts";
import type { Party } from "../plan/moves.ts";
import type { ExchangeResult } from "./outcome.ts";

/** A client line as it was sent: placeholders replaced, escapes read. */
export interface SentLine {
  readonly bytes: ByteString;
}

const NOTHING: readonly never[] = [];

/**
 * The client lines of an exchange as a document writes them: their own words where nothing in them was replaced.
 * @param sent the lines as they were sent; empty where that is as they are written.
 * @param hexSuffix what a line of bytes bears in the document.
 */
export function writeSent(
  sends: readonly LinePattern[],
  sent: readonly SentLine[],
  hexSuffix: string,
): readonly string[] {
  return sends.map((pattern, i) => {
    const line = sent[i];
    if (line === undefined || pattern.placeholders.length === 0) return pattern.source;
    return pattern.body.kind === "bytes" ? writeDump(line.bytes) + hexSuffix : writeLine(line.bytes);
  });
}

/** The parts of a note that the result of a passed exchange needs. */
interface PassedNote {
  readonly line: number;
  readonly on: string;
  readonly role: Party;
  readonly sends: readonly LinePattern[];
  readonly expects: readonly LinePattern[];
  readonly sent: readonly SentLine[];
  readonly ms: number;
  /** What a line of bytes bears in the document. */
  readonly hexSuffix: string;
}

/** The result of an exchange that passed, without its reply. Most are, so it only refers to the note. */
export class Passed implements ExchangeResult {
  readonly #note: PassedNote;
  constructor(note: PassedNote) {
    this.#note = note;
  }
  get line(): number {
    return this.#note.line;
  }
  get connection(): string {
    return this.#note.on;
  }
  get answers(): true | undefined {
    return this.#note.role === "server" ? true : undefined;
  }
  get sent(): readonly string[] {
    return writeSent(this.#note.sends, this.#note.sent, this.#note.hexSuffix);
  }
  get expected(): readonly string[] {
    return this.#note.expects.map(({ source }) => source);
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
  get ms(): number {
    return this.#note.ms;
  }
  toJSON(): ExchangeResult {
    const { line, connection, answers, sent, expected, received, status, failure, diff, ms } = this;
    return { line, connection, ...(answers && { answers }), sent, expected, received, status, failure, diff, ms };
  }
}
