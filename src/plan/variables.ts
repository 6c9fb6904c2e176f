/**
 * Names and their values in one document. Strongest first: `--var`, the config file, the front matter's `vars`, captures
 * (format guide, section 4).
 */
import { type ByteString, encodeText } from "../base/bytes.ts";
import { type Part, PatternError, readParts } from "../match/parts.ts";
import { type LinePattern, lineThatBinds } from "../match/pattern.ts";
import { FILTERS, type Scope } from "../match/variables.ts";
import { LONGEST_VALUE, measureVariables, type ReportVariable } from "./measure-variables.ts";

export interface VariableSources {
  /** Values from the command line, taken as they are. */
  readonly given: Readonly<Record<string, string>>;
  /** Values that may be made of other variables: the config file's, stronger, and the document's. */
  readonly written: readonly Readonly<Record<string, string>>[];
}

/** Of the parts of a variable: where they are written, in the words of a report. */
const origins = new WeakMap<readonly Part[], string>();

/** The parts of every written variable. One with a mistake is empty, so that the mistake is told once. */
export function readVariables(
  { given, written }: VariableSources,
  report: ReportVariable,
): ReadonlyMap<string, readonly Part[]> {
  const variables = new Map<string, readonly Part[]>();
  const add = (name: string, parts: readonly Part[], origin: string): void => {
    origins.set(parts, origin);
    variables.set(name, parts);
  };
  for (let i = written.length - 1; i >= 0; i--) {
    const origin = i === written.length - 1 ? "from vars" : "from the config file";
    for (const [name, value] of Object.entries(written[i]!)) {
      if (Object.hasOwn(given, name)) continue;
      try {
        add(name, readParts(value, 1), origin);
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        report(error.code, error.message, name);
        variables.set(name, []);
      }
    }
  }
  for (const [name, value] of Object.entries(given))
    add(name, [{ kind: "text", bytes: encodeText(value) }], "from --var");
  measureVariables(variables, report);
  return variables;
}

/** The variables of one document in one run; `captured` grows as replies are matched. */
export class Variables implements Scope {
  readonly #written: ReadonlyMap<string, readonly Part[]>;
  readonly captured: Map<string, ByteString> = new Map<string, ByteString>();
  /** The reply that bound a name, for reports. */
  readonly boundBy: Map<string, readonly LinePattern[]> = new Map<string, readonly LinePattern[]>();
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

  origin(name: string): string | undefined {
    if (name.startsWith("env.")) return "from the environment";
    const parts = this.#written.get(name);
    if (parts) return origins.get(parts);
    const line = lineThatBinds(this.boundBy.get(name) ?? [], name);
    return line === undefined ? undefined : `bound at line ${line}`;
  }

  /** The value of parts; undefined where a name in them is free, or the value would be too long. */
  evaluate(parts: readonly Part[]): ByteString | undefined {
    const [first] = parts;
    if (parts.length === 1 && first?.kind === "text") return first.bytes;
    return this.#evaluate(parts, new Map());
  }

  /** `known` holds the values of variables: one may be used many times. */
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

/** For a name, the names that its value needs: itself, or for a variable those in its value that are not variables. */
export function neededNames(written: ReadonlyMap<string, readonly Part[]>): (name: string) => ReadonlySet<string> {
  const known = new Map<string, ReadonlySet<string>>();
  const needs = (name: string): ReadonlySet<string> => {
    const before = known.get(name);
    if (before) return before;
    const parts = written.get(name);
    const found = new Set<string>(parts ? [] : [name]);
    for (const part of parts ?? []) if (part.kind === "placeholder") for (const one of needs(part.name)) found.add(one);
    if (parts) known.set(name, found);
    return found;
  };
  return needs;
}

function environment(name: string): ByteString | undefined {
  const value = process.env[name.slice("env.".length)];
  return value === undefined ? undefined : encodeText(value);
}
