/**
 * Names and their values in one document. Strongest first: `--var`, the config file, the front matter's `vars`, captures
 * (format guide, section 4).
 */
import { type ByteString, encodeText } from "../base/bytes.ts";
import { type Part, readParts } from "../match/parts.ts";
import { FILTERS, type Scope } from "../match/variables.ts";

export interface VariableSources {
  /** Values from the command line, taken as they are. */
  readonly given: Readonly<Record<string, string>>;
  /** Values that may be made of other variables: the config file's, stronger, and the document's. */
  readonly written: readonly Readonly<Record<string, string>>[];
}

/** The parts of every written variable. @throws {PatternError} */
export const readVariables = (sources: VariableSources): ReadonlyMap<string, readonly Part[]> => {
  const parts = new Map<string, readonly Part[]>();
  for (const vars of [...sources.written].reverse())
    for (const [name, value] of Object.entries(vars)) parts.set(name, readParts(value, 1));
  for (const [name, value] of Object.entries(sources.given))
    parts.set(name, [{ kind: "text", bytes: encodeText(value) }]);
  return parts;
};

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
    if (name === "connection.name") return this.connection;
    if (name.startsWith("env.")) return environment(name);
    const parts = this.#written.get(name);
    return parts ? this.#evaluate(parts, new Set([name])) : this.captured.get(name);
  }

  /** The value of parts; undefined where a name in them is free, or a variable is made of itself. */
  evaluate(parts: readonly Part[]): ByteString | undefined {
    return this.#evaluate(parts, new Set());
  }

  #evaluate(parts: readonly Part[], within: ReadonlySet<string>): ByteString | undefined {
    let value = "";
    for (const part of parts) {
      const bytes = part.kind === "text" ? part.bytes : this.#resolve(part.name, within);
      if (bytes === undefined) return undefined;
      value += part.kind === "placeholder" && part.filter ? FILTERS[part.filter](bytes) : bytes;
    }
    return value;
  }

  #resolve(name: string, within: ReadonlySet<string>): ByteString | undefined {
    const parts = this.#written.get(name);
    if (!parts) return this.get(name);
    return within.has(name) ? undefined : this.#evaluate(parts, new Set([...within, name]));
  }
}

export function environment(name: string): ByteString | undefined {
  const value = process.env[name.slice("env.".length)];
  return value === undefined ? undefined : encodeText(value);
}
