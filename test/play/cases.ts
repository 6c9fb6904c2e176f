/**
 * Cases in plain files: a document, what its peers do, and what comes of it.
 *
 * A case begins with `== NAME`. Its document follows, in a fence of its own where it has none. `-- peer` begins what the
 * peer of a connection does, a step a line: `> bytes` it awaits, `< bytes` it sends (escapes as in JSON), `. 20` lets that
 * many milliseconds pass, `close`, `break`. `-- verdict` has a line for each exchange: its line in the document, `passed`,
 * `skipped`, or the kind and line of the failure, and then a text that its message holds.
 */
import type { ExchangeResult } from "../../src/play/outcome.ts";
import { readSections, unescaped } from "../support/sections.ts";
import type { PeerStep } from "./perform.ts";

export interface Case {
  readonly name: string;
  readonly document: string;
  readonly peers: readonly (readonly PeerStep[])[];
  readonly verdict: readonly string[];
  /** Whether it counts what comes in one piece: the client speaks as soon as a reply is complete. */
  readonly isUncut: boolean;
}

export const readCases = (folder: string): readonly Case[] =>
  readSections(folder).map(({ name, written, of }) => ({
    name,
    document: written.includes("```") ? written : `\`\`\`wire\n${written.trimEnd()}\n\`\`\`\n`,
    peers: of("peer").map((lines) => lines.map(stepOf)),
    verdict: of("verdict")[0] ?? [],
    isUncut: name.endsWith("(uncut)"),
  }));

export function stepOf(line: string): PeerStep {
  if (line === "close" || line === "break") return { kind: line };
  const rest = line.slice(2);
  if (line[0] === ".") return { kind: "pass", ms: Number(rest) };
  return { kind: line[0] === ">" ? "await" : "send", bytes: unescaped(rest) };
}

/** Whether an exchange went as a line of a verdict says; else what came of it. */
export function differs(
  verdict: string,
  { line, status, failure, reason }: Omit<ExchangeResult, "ms">,
): string | undefined {
  const found = failure ? `${failure.kind} ${failure.line}` : status;
  const [, at, wanted, text = ""] = /^(\d+): (passed|skipped|\S+ \d+) ?(.*)$/.exec(verdict)!;
  const message = failure?.message ?? reason ?? "";
  if (Number(at) === line && wanted === found && message.includes(text)) return undefined;
  return `${line}: ${found} ${message}`;
}
