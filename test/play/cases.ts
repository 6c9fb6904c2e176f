/**
 * Cases in plain files: a document, what its peers do, and what comes of it.
 *
 * A case begins with `== NAME`. Its document follows, in a fence of its own where it has none. `-- peer` begins what the
 * peer of a connection does, a step a line: `> bytes` it awaits, `< bytes` it sends (escapes as in JSON), `. 20` lets that
 * many milliseconds pass, `close`, `break`. `-- verdict` has a line for each exchange: its line in the document, `passed`,
 * `skipped`, or the kind and line of the failure, and then a text that its message holds.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExchangeResult } from "../../src/play/outcome.ts";
import type { PeerStep } from "./perform.ts";

export interface Case {
  readonly name: string;
  readonly document: string;
  readonly peers: readonly (readonly PeerStep[])[];
  readonly verdict: readonly string[];
  /** Whether it counts what comes in one piece: the client speaks as soon as a reply is complete. */
  readonly isUncut: boolean;
}

export function readCases(folder: string): readonly Case[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".txt"))
    .sort();
  return files.flatMap((file) => parse(readFileSync(join(folder, file), "utf8"), file.replace(".txt", "")));
}

function parse(text: string, file: string): readonly Case[] {
  return text
    .split(/^== /m)
    .slice(1)
    .map((one) => {
      const [head, ...sections] = one.split(/^-- /m);
      const name = head!.slice(0, head!.indexOf("\n"));
      const written = head!.slice(name.length + 1);
      const of = (kind: string) =>
        sections
          .filter((section) => section.startsWith(kind))
          .map((section) => section.split("\n").slice(1).filter(Boolean));
      return {
        name: `${file}: ${name}`,
        document: written.includes("```") ? written : `\`\`\`wire\n${written.trimEnd()}\n\`\`\`\n`,
        peers: of("peer").map((lines) => lines.map(stepOf)),
        verdict: of("verdict")[0] ?? [],
        isUncut: name.endsWith("(uncut)"),
      };
    });
}

function stepOf(line: string): PeerStep {
  if (line === "close" || line === "break") return { kind: line };
  const rest = line.slice(2);
  if (line[0] === ".") return { kind: "pass", ms: Number(rest) };
  const bytes = JSON.parse(`"${rest.replaceAll('"', '\\"')}"`) as string;
  return { kind: line[0] === ">" ? "await" : "send", bytes };
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
