/**
 * The steps of a document's examples, each line of them read. Documents repeat themselves: a line without names is read
 * once, wherever it stands.
 */
import { parseDuration } from "../base/duration.ts";
import { type ErrorCode, WiredocError } from "../base/error.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { PatternError, readParts } from "../match/parts.ts";
import { type LinePattern, type LineTemplate, parseClientLine, parseReplyLine } from "../match/pattern.ts";
import type { Control, Document, Example, Exchange, WrittenLine } from "../transcript/model.ts";
import type { Places } from "./places.ts";
import type { PlannedControl, PlannedExchange, PlannedStep, Repeats } from "./planned.ts";
import type { ExampleSettings } from "./settings.ts";
import { repeatsOf, verbatimOf } from "./verbatim.ts";

interface LinePlace {
  readonly line: number;
  readonly column: number;
}

/** Lines that were read, by their text. */
class Lines<T extends { readonly placeholders: readonly unknown[] }> {
  readonly #known = new Map<string, T>();
  readonly #read: (written: WrittenLine) => T | undefined;
  readonly #placeAt: (known: T, written: WrittenLine) => T;

  constructor(read: (written: WrittenLine) => T | undefined, placeAt: (known: T, written: WrittenLine) => T) {
    this.#read = read;
    this.#placeAt = placeAt;
  }

  /** Reads lines; those with a mistake are left out. */
  read(written: readonly WrittenLine[]): readonly T[] {
    if (written.length !== 1) return written.flatMap((line) => this.#readOne(line) ?? []);
    // Most exchanges have one line each way, and a list made with its line takes no more room than it needs.
    const only = this.#readOne(written[0]!);
    return only ? [only] : [];
  }

  #readOne(written: WrittenLine): T | undefined {
    const before = this.#known.get(written.text);
    if (before) return this.#placeAt(before, written);
    const result = this.#read(written);
    // A placeholder has a place of its own.
    if (result?.placeholders.length === 0) this.#known.set(written.text, result);
    return result;
  }
}

interface Reader {
  readonly replies: Lines<LinePattern>;
  readonly requests: Lines<LineTemplate>;
}

const hasNoNames = ({ placeholders }: { readonly placeholders: readonly unknown[] }): boolean =>
  placeholders.length === 0;

export class StepReader {
  readonly #file: string;
  readonly #places: Places;
  readonly #report: (error: WiredocError) => void;
  readonly #repeats = new Map<string, { times: number }>();
  readonly #readers = new Map<Dialect, Reader>();

  constructor({ path }: Document, places: Places, report: (error: WiredocError) => void) {
    this.#file = path;
    this.#places = places;
    this.#report = report;
  }

  /** Reads an example's steps; mistakes go to `report`. */
  read({ steps }: Example, settings: ExampleSettings, dialect: Dialect): readonly PlannedStep[] {
    const reader = this.#reader(dialect);
    return steps.map((step) =>
      step.kind === "exchange" ? this.#exchange(step, reader, settings, dialect) : this.#control(step),
    );
  }

  #reader(dialect: Dialect): Reader {
    const known = this.#readers.get(dialect);
    if (known) return known;
    const { suffix } = dialect;
    const readReply = (written: WrittenLine): LinePattern => {
      const pattern = parseReplyLine(written, suffix);
      return dialect.readReply?.(pattern) ?? pattern;
    };
    const reader = {
      replies: new Lines<LinePattern>(
        (written) => this.#try(written, () => readReply(written)),
        (one, { line, column, marked }) => ({ ...one, line, column, marked }),
      ),
      requests: new Lines<LineTemplate>(
        (written) => this.#try(written, () => parseClientLine(written, suffix)),
        (one, { line, column }) => ({ ...one, line, column }),
      ),
    };
    this.#readers.set(dialect, reader);
    return reader;
  }

  #try<T>({ line, column }: LinePlace, parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      this.#mistake(error.code, error.message, { line, column: column + error.offset });
      return undefined;
    }
  }

  #mistake(code: ErrorCode, message: string, { line, column }: LinePlace): void {
    this.#report(new WiredocError(code, message, { file: this.#file, line, column }));
  }

  #exchange(
    exchange: Exchange,
    { replies, requests }: Reader,
    settings: ExampleSettings,
    dialect: Dialect,
  ): PlannedExchange {
    const { connection, line } = exchange;
    const expects = replies.read(exchange.expects);
    if (settings.unordered && !dialect.matcher) {
      for (const pattern of expects) {
        if (pattern.ending === "none")
          this.#mistake(
            "bad-suffix",
            "lines in any order need their endings; (hex) and (no-eol) do not go with unordered",
            pattern,
          );
      }
    }
    const sends = requests.read(exchange.sends);
    const isKnown = sends.every(hasNoNames) && expects.every(hasNoNames);
    const verbatim = isKnown ? verbatimOf(sends, expects, settings, dialect) : undefined;
    const repeats = isKnown ? this.#counted(repeatsOf(sends, expects, settings, dialect)) : undefined;
    return { kind: "exchange", connection, line, sends, expects, isKnown, verbatim, repeats };
  }

  /** One object for all exchanges with the same text. */
  #counted(text: string | undefined): Repeats | undefined {
    if (text === undefined) return undefined;
    const known = this.#repeats.get(text);
    if (known) {
      known.times++;
      return known;
    }
    const first = { times: 1 };
    this.#repeats.set(text, first);
    return first;
  }

  #control(control: Control): PlannedControl {
    const { connection, verb, argument, line, column } = control;
    const place = { line, column: column + 4 + verb.length + 1 };
    const parts = this.#try(place, () => readParts(argument, place.column)) ?? [];
    const text = parts.every((part) => part.kind === "text") ? argument : undefined;
    if ((verb === "silence" || verb === "wait") && text !== undefined && parseDuration(text) === undefined)
      this.#mistake("bad-control", `"${text}" is no duration; write it like 500ms, 2s or 1m`, place);
    const span = { file: this.#file, line, column };
    if (verb === "connect" && argument !== "") this.#places.checkUrl(parts, { ...span, column: place.column }, {});
    return { kind: "control", connection, line, verb, argument: argument === "" ? [] : parts, span };
  }
}
