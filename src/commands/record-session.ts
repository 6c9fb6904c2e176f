/** `wiredoc record` without a proxy: records what is typed at the terminal, or piped in. */
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from "node:readline";
import { displayText } from "../base/bytes.ts";
import { schemes } from "../builtins.ts";
import { Session } from "../record/session/session.ts";
import { SessionError } from "../record/session/typed-line.ts";
import { connectProblem, tooLate } from "../replay/connect-problem.ts";
import type { ConnectFailure } from "../transports/transport.ts";
import { EXIT } from "./command.ts";
import type { Studio } from "./record-studio.ts";

const HISTORY = 1000;

/** @returns the exit code. @throws what the recorder does not get over. */
export async function recordSession(studio: Studio): Promise<number> {
  const { target, setting, recorder, screen, interrupted, warn } = studio;
  const isTerminal = process.stdin.isTTY === true && screen.isTTY === true;
  const screenOf = new Screen(screen);
  let failure: { readonly error: unknown } | undefined;
  const stop = new AbortController();
  const signal = AbortSignal.any([interrupted, stop.signal]);
  const session = new Session({
    ...{ recorder, setting, target, signal },
    transport: await schemes[target.scheme]!.load(),
    isPatient: !isTerminal,
    show: (lines) => screenOf.write(lines),
    tell: (message) => isTerminal && screenOf.write([`(${displayText(message)})`]),
    failed(error) {
      failure ??= { error };
      stop.abort();
    },
  });
  const attempt = async (work: () => Promise<void>, line: number): Promise<number> => {
    try {
      await work();
    } catch (error) {
      if (interrupted.aborted) return EXIT.ok;
      const isMistake = error instanceof SessionError;
      if (!isMistake && !isConnectFailure(error)) throw error;
      const message = isMistake ? error.message : unreachable(error, studio);
      if (isTerminal) screenOf.write([`(${displayText(message)})`]);
      else warn(isMistake && line > 0 ? `line ${line}: ${message}` : message);
      return isMistake ? EXIT.mistake : EXIT.unreachable;
    }
    return EXIT.ok;
  };
  let code = await attempt(() => session.begin(), 0);
  if (code === EXIT.unreachable) return code;
  const lines = isTerminal ? screenOf.prompting(session) : createInterface({ input: process.stdin });
  signal.addEventListener("abort", () => lines.close());
  if (!signal.aborted) {
    let number = 0;
    for await (const line of lines) {
      code = await attempt(() => session.take(line), ++number);
      if (signal.aborted || (code !== EXIT.ok && !isTerminal)) break;
      screenOf.prompt();
    }
    lines.close();
    if (code === EXIT.ok || isTerminal) code = await attempt(() => session.end(), 0);
  }
  session.close();
  if (failure) throw failure.error;
  return isTerminal ? EXIT.ok : code;
}

const isConnectFailure = (error: unknown): error is ConnectFailure =>
  error instanceof Error && ((error as ConnectFailure).code !== undefined || error.name === "TimeoutError");

function unreachable(error: ConnectFailure, { target, setting }: Studio): string {
  const why = error.name === "TimeoutError" ? tooLate(setting.timeout, target) : connectProblem(error, target);
  return `cannot connect to ${target.url}: ${why}`;
}

/** The terminal: replies are written above the line that is being typed. */
class Screen {
  readonly #output: Studio["screen"];
  #lines: Interface | undefined;
  #session: Session | undefined;

  constructor(output: Studio["screen"]) {
    this.#output = output;
  }

  prompting(session: Session): Interface {
    this.#session = session;
    this.#lines = createInterface({
      input: process.stdin,
      output: this.#output,
      terminal: true,
      historySize: HISTORY,
      removeHistoryDuplicates: true,
    });
    this.#lines.on("SIGINT", () => this.#lines?.close());
    this.#lines.on("close", () => this.#output.write("\n"));
    this.prompt();
    return this.#lines;
  }

  prompt(): void {
    this.#lines?.setPrompt(`${this.#session?.on ?? ""}>>> `);
    this.#lines?.prompt(true);
  }

  write(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}\n`).join("");
    if (!this.#lines) return void this.#output.write(text);
    const { rows } = this.#lines.getCursorPos();
    if (rows > 0) moveCursor(this.#output, 0, -rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    this.#output.write(text);
    this.#lines.prompt(true);
  }
}
