import { type ByteString, writeLine } from "../base/bytes.ts";
import { writeDump } from "../base/dump.ts";
import type { LineTemplate } from "../match/pattern.ts";
import type { PlannedExchange } from "../plan/planned.ts";
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
  sends: readonly LineTemplate[],
  sent: readonly SentLine[],
  hexSuffix: string,
): readonly string[] {
  return sends.map((template, i) => {
    const line = sent[i];
    if (line === undefined || template.placeholders.length === 0) return template.source;
    return template.isBytes ? writeDump(line.bytes) + hexSuffix : writeLine(line.bytes);
  });
}

/** An exchange that passed, where nobody wants its reply: most of them, so it is no more than its place. */
export class Passed implements ExchangeResult {
  readonly #step: PlannedExchange;
  readonly #sent: readonly SentLine[];
  readonly #hexSuffix: string;
  readonly ms: number;
  constructor(step: PlannedExchange, sent: readonly SentLine[], hexSuffix: string, ms: number) {
    this.#step = step;
    this.#sent = sent;
    this.#hexSuffix = hexSuffix;
    this.ms = ms;
  }
  get line(): number {
    return this.#step.line;
  }
  get connection(): string {
    return this.#step.connection;
  }
  get sent(): readonly string[] {
    return writeSent(this.#step.sends, this.#sent, this.#hexSuffix);
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
