/** Encodes what can be known with throw-away codecs, so that a dialect's mistakes show with their lines. */
import { WiredocError } from "../base/error.ts";
import { type Codec, type Dialect, isLineError, type ReplyCheck } from "../dialects/dialect.ts";
import { encodeExchange, nextSends, writtenColumn } from "../dialects/encode.ts";
import type { Part } from "../match/parts.ts";
import type { LineTemplate } from "../match/pattern.ts";
import type { PlannedExchange, PlannedStep, Repeats } from "./planned.ts";
import type { ExampleSettings } from "./settings.ts";
import { Variables } from "./variables.ts";

/** A connection's codec. It is unknown behind a name that only the run binds. */
interface Line {
  codec: Codec | undefined;
  readonly replies: ReplyCheck | undefined;
  /** Whether the last exchange's request goes on in the next one. */
  goesOn: boolean;
  /** Requests of their own without a mistake: where they are repeated, they have none either. */
  readonly right: Set<Repeats>;
}

export class Rehearsal {
  readonly #file: string;
  readonly #written: ReadonlyMap<string, readonly Part[]>;
  readonly #report: (error: WiredocError) => void;
  /** By dialect and connection. */
  readonly #lines = new Map<string, Line>();

  constructor(file: string, written: ReadonlyMap<string, readonly Part[]>, report: (error: WiredocError) => void) {
    this.#file = file;
    this.#written = written;
    this.#report = report;
  }

  /** Goes through the steps of the document's next example; mistakes go to `report`. */
  play(steps: readonly PlannedStep[], dialect: Dialect, settings: ExampleSettings, host: string): void {
    if (dialect.sendsAnything) return;
    for (const [key, line] of this.#lines) if (!line.codec && !line.replies?.isTunnel) this.#lines.delete(key);
    const variables = new Variables(this.#written);
    for (const step of steps) {
      if (step.kind !== "exchange" || step.sends.length === 0) continue;
      const line = this.#line(step.connection, dialect, settings, host);
      if (line.replies?.isTunnel) continue;
      this.#checkReply(line, step);
      const isRepeated = step.repeats !== undefined && line.right.has(step.repeats);
      if (!line.codec || (isRepeated && !line.goesOn)) continue;
      variables.connection = step.connection;
      try {
        this.#begin(line, line.codec, step, steps, settings, variables, dialect);
      } catch (error) {
        if (!isLineError(error)) throw error;
        for (const { line: mistaken, column, message } of [error, ...(error.further ?? [])]) {
          const template = step.sends.find((one) => one.line === mistaken.line);
          const place = template ? writtenColumn(template, column, variables) : mistaken.column;
          const span = { file: this.#file, line: mistaken.line, column: place };
          this.#report(new WiredocError("bad-request", message, span));
        }
      }
    }
  }

  #checkReply({ replies }: Line, { sends, expects }: PlannedExchange): void {
    for (const { pattern, message } of replies?.check(sends[0]!.source, expects) ?? []) {
      const { line, column } = pattern;
      this.#report(new WiredocError("bad-reply", message, { file: this.#file, line, column }));
    }
  }

  #line(connection: string, dialect: Dialect, { eol, limit, options }: ExampleSettings, host: string): Line {
    const key = `${dialect.name} ${connection}`;
    const known = this.#lines.get(key);
    if (known) return known;
    const context = { eol, limit, host, options: options[dialect.name] ?? {} };
    const line = {
      codec: dialect.createCodec("client", context),
      replies: dialect.createReplyCheck?.(),
      goesOn: false,
      right: new Set<Repeats>(),
    };
    this.#lines.set(key, line);
    return line;
  }

  #begin(
    line: Line,
    codec: Codec,
    step: PlannedExchange,
    steps: readonly PlannedStep[],
    { eol }: ExampleSettings,
    variables: Variables,
    { isLineByLine = false }: Dialect,
  ): void {
    const isKnown = (one: LineTemplate): boolean => encodeExchange([one], [], eol, variables) !== undefined;
    const sends = isLineByLine && !step.isKnown ? step.sends.filter(isKnown) : step.sends;
    const exchange = encodeExchange(sends, step.expects, eol, variables);
    if (!exchange) {
      line.codec = undefined;
      return;
    }
    const wentOn = line.goesOn;
    line.goesOn = false;
    const next = nextSends(steps, step, eol, variables);
    codec.begin(exchange, () => {
      line.goesOn = true;
      return next();
    });
    if (step.repeats !== undefined && !wentOn && !line.goesOn) line.right.add(step.repeats);
  }
}
