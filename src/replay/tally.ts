import type { Counts, DocumentResult, ExampleResult } from "../play/outcome.ts";
import { isFailed } from "../play/outcome.ts";

/** Counts what became of examples and exchanges. */
export function countResults(documents: readonly DocumentResult[]): Counts {
  const examples = documents.flatMap((document) => document.examples);
  const failed = examples.filter(({ status }) => isFailed(status)).length;
  const skipped = examples.filter(({ status }) => status === "skipped").length;
  const unsupported = examples.filter(({ status }) => status === "unsupported").length;
  return {
    documents: documents.length,
    examples: examples.length,
    exchanges: examples.reduce((sum, { exchanges }) => sum + exchanges.length, 0),
    passed: examples.length - failed - skipped - unsupported,
    failed,
    skipped,
    unsupported,
  };
}

/**
 * The exit code of a run (command line guide): of several reasons the most important one. `strict`: what is unsupported
 * counts as failed.
 */
export function exitCode(documents: readonly DocumentResult[], interrupted: boolean, strict: boolean): number {
  if (interrupted) return 130;
  const errors = documents.flatMap((document) => document.errors);
  if (errors.some(({ kind }) => kind === "document" || kind === "update")) return 2;
  const exchanges = documents.flatMap(({ examples }) => examples.flatMap((example) => example.exchanges));
  if (errors.length > 0 || exchanges.some(({ failure }) => failure?.kind === "connect")) return 3;
  const isWrong = ({ status }: ExampleResult): boolean => isFailed(status) || (strict && status === "unsupported");
  if (documents.some(({ examples }) => examples.some(isWrong))) return 1;
  return documents.some(({ examples }) => examples.length > 0) ? 0 : 4;
}
