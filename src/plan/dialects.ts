/** The options that a document gives to dialects, and the dialects made ready with them. */
import { resolve } from "node:path";
import { WiredocError } from "../base/error.ts";
import type { DialectOptions, OptionSchema } from "../base/settings.ts";
import type { Span } from "../base/span.ts";
import type { Codec } from "../dialects/codec.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { isOptionError } from "../dialects/errors.ts";
import type { DocumentHead } from "../transcript/model.ts";

/** The options of dialects, by the dialect's name, in which paths lead from a folder. */
export function absolutePaths(
  written: Readonly<Record<string, DialectOptions>>,
  schemas: Readonly<Record<string, OptionSchema>>,
  folder: string,
): Readonly<Record<string, DialectOptions>> {
  const absolute = (name: string, options: DialectOptions): DialectOptions =>
    Object.fromEntries(
      Object.entries(options).map(([option, value]) => [
        option,
        schemas[name]?.[option] === "path" ? resolve(folder, String(value)) : value,
      ]),
    );
  return Object.fromEntries(Object.entries(written).map(([name, options]) => [name, absolute(name, options)]));
}

/** Makes dialects ready with a document's options; a mistake in these is reported once. */
export class DialectLoader {
  readonly #document: DocumentHead;
  readonly #options: Readonly<Record<string, DialectOptions>>;
  readonly #report: (error: WiredocError) => void;
  /** Where the config file gives the options of a dialect. */
  readonly #defaults: Readonly<Record<string, Span>>;
  /** What files that the document names have to be in. */
  readonly #within: string;
  readonly #isReady = new Map<Dialect, boolean>();

  constructor(
    document: DocumentHead,
    options: Readonly<Record<string, DialectOptions>>,
    within: string,
    spansOfConfig: Readonly<Record<string, Span>>,
    report: (error: WiredocError) => void,
  ) {
    this.#document = document;
    this.#options = options;
    this.#within = within;
    this.#defaults = spansOfConfig;
    this.#report = report;
  }

  /** @returns whether codecs can be created. `line` is that of the example that needs it. */
  async load(dialect: Dialect, line: number): Promise<boolean> {
    const known = this.#isReady.get(dialect);
    if (known !== undefined) return known;
    const { path, settingSpans } = this.#document;
    // Options that could not be read were reported, and say nothing.
    let isReady = this.#options[dialect.name] !== undefined || settingSpans[dialect.name] === undefined;
    try {
      const within = settingSpans[dialect.name] === undefined ? undefined : this.#within;
      if (isReady) await dialect.load?.(this.#options[dialect.name] ?? {}, within);
    } catch (error) {
      if (!isOptionError(error)) throw error;
      isReady = false;
      const span = settingSpans[`${dialect.name}.${error.option}`] ??
        settingSpans[dialect.name] ??
        this.#defaults[`defaults.${dialect.name}`] ??
        settingSpans.dialect ?? { file: path, line, column: 1 };
      this.#report(new WiredocError("bad-value", error.message, span));
    }
    if (isReady) {
      const mistake = mistakeOfCodec(dialect, this.#options[dialect.name] ?? {});
      if (mistake !== undefined) {
        isReady = false;
        this.#report(new WiredocError("bad-value", mistake, settingSpans.dialect ?? { file: path, line, column: 1 }));
      }
    }
    this.#isReady.set(dialect, isReady);
    return isReady;
  }
}

/** What the codec of a dialect of one's own lacks, which no type checks. */
function mistakeOfCodec(dialect: Dialect, options: DialectOptions): string | undefined {
  const codec = dialect.createCodec({ eol: "crlf", limit: 1, host: "localhost", options }) as
    | Partial<Codec>
    | undefined;
  for (const way of ["requests", "responses"] as const)
    for (const member of ["encode", "decode", "flush"] as const)
      if (typeof codec?.[way]?.[member] !== "function")
        return `the codec of the dialect "${dialect.name}" has no function ${way}.${member}: see "A dialect of your own" in docs/dialects.md`;
  return undefined;
}
