/** The rounds of one document (`--repeat`) as one result, with the reply lines that are not the same in each of them. */
import type { PlannedDocument } from "../plan/planned.ts";
import type { DocumentResult, ExampleResult } from "../play/outcome.ts";
import { isFailed } from "../play/outcome.ts";
import { VaryingReply } from "./varying-reply.ts";

/** An example in the rounds so far. */
interface Kept {
  /** The first round in which it failed; before that the latest one. */
  shown: ExampleResult;
  count: number;
  failed: number;
  readonly replies: VaryingReply[];
}

export class Rounds {
  /** What the document writes at its lines. */
  readonly #written = new Map<number, string>();
  readonly #examples = new Map<number, Kept>();
  #last: DocumentResult | undefined;
  #count = 0;
  #ms = 0;

  constructor({ examples }: PlannedDocument) {
    for (const { moves } of examples)
      for (const move of moves)
        if (move.kind === "say" && move.by === "server")
          for (const { line, source } of move.lines) this.#written.set(line, source);
  }

  add(document: DocumentResult): void {
    this.#last = document;
    this.#count++;
    this.#ms += document.ms;
    for (const example of document.examples) this.#addExample(example);
  }

  #addExample(example: ExampleResult): void {
    const kept = this.#examples.get(example.line) ?? { shown: example, count: 0, failed: 0, replies: [] };
    this.#examples.set(example.line, kept);
    if (!isFailed(kept.shown.status)) kept.shown = example;
    if (example.attempts === 0) return;
    kept.count++;
    if (isFailed(example.status)) kept.failed++;
    for (const [i, exchange] of example.exchanges.entries()) {
      kept.replies[i] ??= new VaryingReply(this.#written);
      kept.replies[i].add(exchange);
    }
  }

  /** Each example as in the first round in which it failed. */
  get result(): DocumentResult {
    // An interruption leaves examples out of the last round.
    const examples = [...this.#examples.values()].map(({ shown, count, failed, replies }): ExampleResult => {
      const exchanges = shown.exchanges.map((exchange, i) => {
        const varying = replies[i]?.varying ?? [];
        return varying.length > 0 ? { ...exchange, varying } : exchange;
      });
      return { ...shown, exchanges, rounds: { count, failed } };
    });
    return { ...this.#last!, examples, ms: this.#ms, rounds: this.#count };
  }
}
