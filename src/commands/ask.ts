/** `--update=ask`: shows each change of a document as a diff and asks whether to make it. */
import { createInterface } from "node:readline";
import picocolors from "picocolors";
import { displayText } from "../base/bytes.ts";
import type { Change } from "../plan/options.ts";
import type { Stream } from "../report/output.ts";

export interface AskContext {
  readonly input: NodeJS.ReadableStream;
  readonly output: Stream;
  readonly color: boolean;
  /** Ends the questions: what is not answered is not made. */
  readonly signal: AbortSignal;
}

export interface Asking {
  readonly confirm: (change: Change) => Promise<boolean>;
  /** Stops reading the input. */
  close(): void;
}

const HELP = [
  "y  make this change",
  "n  leave these lines as they are",
  "a  make this change and all others",
  "q  make no further change",
  "e  make this change and all others of this file",
];

type Answer = "y" | "n" | "a" | "q" | "e";
const ANSWERS: Readonly<Record<string, Answer>> = {
  ...{ y: "y", n: "n", a: "a", q: "q", e: "e" },
  ...{ yes: "y", no: "n", all: "a", quit: "q", entire: "e" },
};

export function createAsking({ input, output, color, signal }: AskContext): Asking {
  const paint = picocolors.createColors(color);
  const reader = createReader(input, signal);
  /** The answer to all further questions, once there is one; of a file, to those of that file. */
  let further: boolean | undefined;
  let wholeFile: string | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  async function ask(change: Change): Promise<boolean> {
    if (further === undefined && change.path === wholeFile) return true;
    if (further === undefined && !signal.aborted) output.write(renderChange(change, paint));
    while (further === undefined && !signal.aborted) {
      output.write(paint.bold("Make this change? [y,n,a,q,e,?] "));
      const line = await reader.next();
      if (line === undefined) output.write("\n");
      const answer = line === undefined ? "q" : ANSWERS[line.trim().toLowerCase()];
      switch (answer) {
        case "y":
        case "n":
          return answer === "y";
        case "a":
        case "q":
          further = answer === "a";
          break;
        case "e":
          wholeFile = change.path;
          return true;
        case undefined:
          output.write(`${HELP.join("\n")}\n`);
      }
    }
    return !signal.aborted && further === true;
  }

  return {
    // Documents that run side by side ask one after the other.
    confirm: (change) => {
      const answer = turn.then(() => ask(change));
      turn = answer.catch(() => {});
      return answer;
    },
    close: reader.close,
  };
}

/** A change as a diff. */
export function renderChange(
  { path, line, before, removed, added, after }: Change,
  paint: ReturnType<typeof picocolors.createColors>,
): string {
  const show = (mark: string) => (text: string) => `${mark}${displayText(text)}`;
  return [
    "",
    paint.bold(displayText(`${path}:${line}`)),
    ...before.map(show("  ")),
    ...removed.map(show("- ")).map(paint.red),
    ...added.map(show("+ ")).map(paint.green),
    ...after.map(show("  ")),
    "",
  ].join("\n");
}

/** The lines of the input, one at a time; undefined at its end. */
function createReader(
  input: NodeJS.ReadableStream,
  signal: AbortSignal,
): { next(): Promise<string | undefined>; close(): void } {
  const waiting: string[] = [];
  let isOver = false;
  let wake = (): void => {};
  // A terminal keeps its own line editing, and Ctrl-C its meaning.
  const lines = createInterface({ input, terminal: false });
  lines.on("line", (line) => {
    waiting.push(line);
    wake();
  });
  const end = (): void => {
    isOver = true;
    wake();
  };
  lines.on("close", end);
  const stop = (): void => lines.close();
  signal.addEventListener("abort", stop, { once: true });
  return {
    async next() {
      while (waiting.length === 0 && !isOver)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return waiting.shift();
    },
    close() {
      signal.removeEventListener("abort", stop);
      lines.close();
    },
  };
}
