/**
 * Names and their values in one document. Strongest first: `--var`, the config file, the front matter's `vars`, captures
 * (format guide, section 4).
 */
import { type ByteString, encodeText } from "../base/bytes.ts";
import type { ErrorCode } from "../base/error.ts";
import { formatSize } from "../base/size.ts";
import { type Part, PatternError, readParts } from "../match/parts.ts";
import { FILTERS, type Scope } from "../match/variables.ts";

export interface VariableSources {
  /** Values from the command line, taken as they are. */
  readonly given: Readonly<Record<string, string>>;
  /** Values that may be made of other variables: the config file's, stronger, and the document's. */
  readonly written: readonly Readonly<Record<string, string>>[];
}

/** How deep variables may be made of others, and how long one may become, in bytes. */
const MOST_NESTED = 100;
export const LONGEST_VALUE = 16e6;

/** Takes a mistake in the value of a variable. */
type ReportVariable = (code: ErrorCode, message: string, name: string) => void;

/** The parts of every written variable. One with a mistake is empty, so that the mistake is told once. */
export function readVariables(sources: VariableSources, report: ReportVariable): ReadonlyMap<string, readonly Part[]> {
  const parts = new Map<string, readonly Part[]>();
  for (const vars of [...sources.written].reverse()) {
    for (const [name, value] of Object.entries(vars)) {
      if (Object.hasOwn(sources.given, name)) continue;
      try {
        parts.set(name, readParts(value, 1));
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        report(error.code, error.message, name);
        parts.set(name, []);
      }
    }
  }
  for (const [name, value] of Object.entries(sources.given))
    parts.set(name, [{ kind: "text", bytes: encodeText(value) }]);
  new Measure(parts, report).all();
  return parts;
}

/** Finds variables that are made of themselves, and those that would become too long. */
class Measure {
  readonly #parts: Map<string, readonly Part[]>;
  readonly #report: ReportVariable;
  /** The depth and the least length of those that are known; undefined while one is being measured. */
  readonly #known = new Map<string, { readonly depth: number; readonly length: number } | undefined>();

  constructor(parts: Map<string, readonly Part[]>, report: ReportVariable) {
    this.#parts = parts;
    this.#report = report;
  }

  all(): void {
    // Most variables are a text, and there is nothing to follow.
    for (const [name, parts] of this.#parts) if (parts.some(({ kind }) => kind !== "text")) this.#measure(name, 0);
  }

  #measure(name: string, above: number): { readonly depth: number; readonly length: number } {
    const before = this.#known.get(name);
    if (before) return before;
    const parts = this.#parts.get(name);
    if (!parts) return NOTHING;
    let mistake: string | undefined;
    let code: ErrorCode = "bad-value";
    let depth = 0;
    let length = 0;
    if (this.#known.has(name)) {
      code = "unbound-name";
      mistake = `the variable {{${name}}} is made of itself`;
    } else if (above > MOST_NESTED) mistake = tooDeep(name);
    else {
      this.#known.set(name, undefined);
      for (const part of parts) {
        if (part.kind === "text") length += part.bytes.length;
        else {
          const inner = this.#measure(part.name, above + 1);
          depth = Math.max(depth, inner.depth + 1);
          length += inner.length;
        }
      }
      if (depth > MOST_NESTED) mistake = tooDeep(name);
      else if (length > LONGEST_VALUE)
        mistake = `the variable {{${name}}} would be ${formatSize(length)} long; ${formatSize(LONGEST_VALUE)} are the most`;
    }
    if (mistake !== undefined && parts.length > 0) {
      this.#report(code, mistake, name);
      this.#parts.set(name, []);
    }
    // Those that are made of one that is too long are too long themselves, and told as well.
    const found = { depth: depth > MOST_NESTED ? 0 : depth, length };
    this.#known.set(name, found);
    return found;
  }
}

const NOTHING = { depth: 0, length: 0 };

const tooDeep = (name: string): string =>
  `the variable {{${name}}} is made of others that are made of others, more than ${MOST_NESTED} deep`;

/** The variables of one document in one run; `captured` grows as replies are matched. */
export class Variables implements Scope {
  readonly #written: ReadonlyMap<string, readonly Part[]>;
  readonly captured: Map<string, ByteString> = new Map<string, ByteString>();
  /** The name of the connection that a line is on. */
  connection = "";

  constructor(written: ReadonlyMap<string, readonly Part[]>) {
    this.#written = written;
  }

  get(name: string): ByteString | undefined {
    const parts = this.#written.get(name);
    if (parts) return this.evaluate(parts);
    if (name === "connection.name") return this.connection;
    return name.startsWith("env.") ? environment(name) : this.captured.get(name);
  }

  /** The value of parts; undefined where a name in them is free, or the value would be too long. */
  evaluate(parts: readonly Part[]): ByteString | undefined {
    const [first] = parts;
    if (parts.length === 1 && first?.kind === "text") return first.bytes;
    return this.#evaluate(parts, new Map());
  }

  /** `known` holds what variables stand for: one may be used many times. */
  #evaluate(parts: readonly Part[], known: Map<string, ByteString | undefined>): ByteString | undefined {
    let value = "";
    for (const part of parts) {
      const bytes = part.kind === "text" ? part.bytes : this.#resolve(part.name, known);
      if (bytes === undefined) return undefined;
      value += part.kind === "placeholder" && part.filter ? FILTERS[part.filter](bytes) : bytes;
      if (value.length > LONGEST_VALUE) return undefined;
    }
    return value;
  }

  #resolve(name: string, known: Map<string, ByteString | undefined>): ByteString | undefined {
    const parts = this.#written.get(name);
    if (!parts) return this.get(name);
    if (!known.has(name)) known.set(name, this.#evaluate(parts, known));
    return known.get(name);
  }
}

export function environment(name: string): ByteString | undefined {
  const value = process.env[name.slice("env.".length)];
  return value === undefined ? undefined : encodeText(value);
}
