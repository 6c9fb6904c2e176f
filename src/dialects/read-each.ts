import type { OutgoingLine } from "./codec.ts";
import { LineError } from "./errors.ts";

/** Reads client lines, each by itself. @throws {LineError} the first mistake, with those of further lines. */
export function readEach<T>(lines: readonly OutgoingLine[], read: (line: OutgoingLine) => T): readonly T[] {
  const mistakes: LineError[] = [];
  const results = lines.flatMap((line) => {
    try {
      return [read(line)];
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      mistakes.push(error);
      return [];
    }
  });
  const [first, ...further] = mistakes;
  if (!first) return results;
  first.further = further;
  throw first;
}
