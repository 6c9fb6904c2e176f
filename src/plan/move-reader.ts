/**
 * The moves of a document's examples, each line of them read.
 */
import { parseDuration } from "../base/duration.ts";
import { type ErrorCode, WiredocError } from "../base/error.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { type Part, PatternError, readParts } from "../match/parts.ts";
import { isLiteral, type LinePattern, parseClientLine, parseReplyLine, varied } from "../match/pattern.ts";
import type { Control, DocumentHead, Example, Exchange, WrittenLine } from "../transcript/model.ts";
import type { Act, Move, Party, Pause, Say } from "./moves.ts";
import type { Places } from "./places.ts";
import type { ExampleSettings } from "./settings.ts";

interface LinePlace {
  readonly line: number;
  readonly column: number;
}

/** At most this many texts are remembered: documents repeat the same few. */
const MOST_KNOWN = 1000;

type ReportPatternError = (error: PatternError, written: LinePlace) => void;

/** Reads lines; a text that does not stand for itself is read once. */
class LineReader {
  readonly #known = new Map<string, LinePattern>();
  readonly #read: (written: WrittenLine) => LinePattern;
  readonly #report: ReportPatternError;

  constructor(read: (written: WrittenLine) => LinePattern, report: ReportPatternError) {
    this.#read = read;
    this.#report = report;
  }

  /** Reads lines; those with a mistake are left out. */
  read(written: readonly WrittenLine[]): readonly LinePattern[] {
    // Most exchanges have one line each way, and a list made with its line takes no more room than it needs.
    const first = written.length > 0 ? this.#readOne(written[0]!) : undefined;
    const lines = first ? [first] : [];
    for (let i = 1; i < written.length; i++) {
      const line = this.#readOne(written[i]!);
      if (line) lines.push(line);
    }
    return lines;
  }

  #readOne(written: WrittenLine): LinePattern | undefined {
    const { text, line, column, marked } = written;
    if (isLiteral(text)) return this.#try(written);
    const known = this.#known.get(text);
    // A placeholder knows its column.
    if (known && (known.column === column || known.placeholders.length === 0))
      return varied(known, { line, column, marked });
    const result = this.#try(written);
    if (result && this.#known.size < MOST_KNOWN) this.#known.set(text, result);
    return result;
  }

  #try(written: WrittenLine): LinePattern | undefined {
    try {
      return this.#read(written);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      this.#report(error, written);
      return undefined;
    }
  }
}

/** The lines of one dialect. */
interface DialectReader {
  readonly replies: LineReader;
  readonly requests: LineReader;
}

function haveNoNames(lines: readonly LinePattern[]): boolean {
  for (let i = 0; i < lines.length; i++) {
    const { placeholders } = lines[i]!;
    for (let k = 0; k < placeholders.length; k++) if (placeholders[k]!.name !== "_") return false;
  }
  return true;
}

export class MoveReader {
  readonly #file: string;
  readonly #places: Places;
  readonly #report: (error: WiredocError) => void;
  readonly #readers = new Map<Dialect, DialectReader>();

  constructor({ path }: DocumentHead, places: Places, report: (error: WiredocError) => void) {
    this.#file = path;
    this.#places = places;
    this.#report = report;
  }

  /** Reads an example's moves; mistakes go to `report`. */
  read({ steps }: Example, settings: ExampleSettings, dialect: Dialect): readonly Move[] {
    const reader = this.#reader(dialect);
    const moves: Move[] = [];
    for (const step of steps)
      if (step.kind === "exchange") this.#exchange(step, reader, settings, dialect, moves);
      else moves.push(this.#control(step));
    return moves;
  }

  #reader(dialect: Dialect): DialectReader {
    const known = this.#readers.get(dialect);
    if (known) return known;
    const { suffix } = dialect;
    const readLine = dialect.responses?.readLine;
    const readReply = (written: WrittenLine): LinePattern => parseReplyLine(written, suffix);
    const readOfDialect = (written: WrittenLine): LinePattern => readLine!(parseReplyLine(written, suffix));
    const reader = {
      replies: new LineReader(readLine ? readOfDialect : readReply, this.#mistaken),
      requests: new LineReader((written) => parseClientLine(written, suffix), this.#mistaken),
    };
    this.#readers.set(dialect, reader);
    return reader;
  }

  readonly #mistaken: ReportPatternError = ({ code, message, offset }, { line, column }) =>
    this.#mistake(code, message, { line, column: column + offset });

  #argument(argument: string, place: LinePlace): readonly Part[] {
    try {
      return argument === "" ? NO_PARTS : readParts(argument, place.column);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      this.#mistaken(error, place);
      return NO_PARTS;
    }
  }

  #mistake(code: ErrorCode, message: string, { line, column }: LinePlace): void {
    this.#report(new WiredocError(code, message, { file: this.#file, line, column }));
  }

  #exchange(
    { connection: on, line, sends, expects }: Exchange,
    { replies, requests }: DialectReader,
    settings: ExampleSettings,
    dialect: Dialect,
    moves: Move[],
  ): void {
    const expected = replies.read(expects);
    if (settings.unordered && !dialect.responses?.matcher) {
      for (const pattern of expected) {
        if (pattern.ending === "none")
          this.#mistake(
            "bad-suffix",
            "lines in any order need their endings; (hex) and (no-eol) do not go with unordered",
            pattern,
          );
      }
    }
    const sent = requests.read(sends);
    const say = sent.length > 0 ? sayOf("client", on, line, sent, undefined) : undefined;
    if (say) moves.push(say);
    if (expected.length > 0) moves.push(sayOf("server", on, line, expected, say));
  }

  #control({ connection: on, verb, argument, line, column }: Control): Act | Pause {
    const place = { line, column: column + 4 + verb.length + 1 };
    const parts = this.#argument(argument, place);
    switch (verb) {
      case "wait":
      case "silence": {
        const isKnown = parts.every((part) => part.kind === "text");
        if (isKnown && parseDuration(argument) === undefined)
          this.#mistake("bad-control", `invalid duration "${argument}": use for example 500ms, 2s or 1m`, place);
        return { kind: "pause", by: verb === "wait" ? "client" : "server", on, line, duration: parts };
      }
      case "connect":
        if (argument !== "") this.#places.checkUrl(parts, { file: this.#file, line, column: place.column }, {});
        return { kind: "act", by: "client", act: "open", on, line, argument: parts };
      case "closed":
        return { kind: "act", by: "server", act: "close", on, line, argument: parts };
      default:
        return { kind: "act", by: "client", act: verb, on, line, argument: parts };
    }
  }
}

const NO_PARTS: readonly Part[] = [];

const sayOf = (by: Party, on: string, line: number, lines: readonly LinePattern[], answers: Say | undefined): Say => ({
  kind: "say",
  by,
  on,
  line,
  lines,
  answers,
  isKnown: haveNoNames(lines),
});
