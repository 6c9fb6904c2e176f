/**
 * A Markdown text to a Document: front matter, and the code blocks that are examples (format guide, sections 1 to 3).
 * All mistakes of a document are found in one pass and thrown together.
 *
 * Non-goals: what a line means (match/pattern.ts), where the target is and the values of names (plan/).
 */
import { DocumentErrors, type WiredocError } from "../base/error.ts";
import { ExampleReader, targetAndServer } from "./examples.ts";
import { readFrontMatter } from "./front-matter.ts";
import { normalize, readBlocks } from "./markdown.ts";
import type { Document, DocumentHead, Example, Settings } from "./model.ts";
import { proseWarnings } from "./near-misses.ts";
import type { DialectNames } from "./settings.ts";

export interface ParseOptions {
  /** The document's name in every report. */
  readonly path: string;
  readonly dialects: DialectNames;
  /** Settings for what the front matter leaves open (the config file's `defaults`). */
  readonly defaults?: Settings;
  /** Whether a target is known from outside (`--target`, the config file), so that fences without a language are examples. */
  readonly targetKnown?: boolean;
}

/** Reads a document. @throws {DocumentErrors} */
export function parseDocument(text: string, options: ParseOptions): Document {
  const reader = new DocumentReader(text, options);
  const examples = [...reader.examples()];
  const warnings = reader.end();
  if (reader.errors.length > 0) throw new DocumentErrors(reader.errors);
  return { ...reader.head, examples, warnings };
}

/** Reads a document an example at a time: a large one never lies in memory as a whole tree. */
export class DocumentReader {
  readonly head: DocumentHead;
  /** The mistakes so far; what can be read is there all the same. */
  readonly errors: WiredocError[] = [];
  readonly #lines: readonly string[];
  /** How many lines the front matter has. */
  readonly #skip: number;
  readonly #reader: ExampleReader;

  constructor(source: string, { path, dialects, defaults = {}, targetKnown = false }: ParseOptions) {
    const report = (error: WiredocError): void => void this.errors.push(error);
    this.#lines = normalize(source).split("\n");
    const frontMatter = readFrontMatter(this.#lines, path, dialects, report);
    this.#skip = frontMatter.lines;
    const settings = withDefaults(frontMatter.settings, defaults);
    this.head = { path, source, settings, settingSpans: frontMatter.spans };
    const { target, server } = frontMatter.spans;
    if (target && server) report(targetAndServer(target, server));
    this.#reader = new ExampleReader({
      file: path,
      settings,
      dialects,
      targetKnown: targetKnown || settings.target !== undefined || settings.server !== undefined,
      report,
    });
  }

  /** The examples, in their order. */
  *examples(): Generator<Example, void, undefined> {
    for (const block of readBlocks(this.#lines, this.#skip)) {
      const example = this.#reader.add(block);
      if (example) yield example;
    }
  }

  /** After the last example: checks what only the whole document shows, and sorts the mistakes. @returns the warnings. */
  end(): readonly WiredocError[] {
    this.#reader.end();
    const { prose, languages, hasExamples } = this.#reader;
    const { path: file, settingSpans } = this.head;
    const isOurs = hasExamples || Boolean(settingSpans.target ?? settingSpans.server ?? settingSpans.client);
    const warnings = [...this.#reader.warnings, ...proseWarnings(prose, { file, languages: [...languages], isOurs })];
    sortByPlace(this.errors);
    sortByPlace(warnings);
    return warnings;
  }
}

/** Sorts mistakes by their places. */
export const sortByPlace = (errors: WiredocError[]): void => {
  errors.sort((a, b) => (a.span?.line ?? 0) - (b.span?.line ?? 0) || (a.span?.column ?? 0) - (b.span?.column ?? 0));
};

/** A document that names its target or its server has no other from the defaults. */
function withDefaults(own: Settings, defaults: Settings): Settings {
  const options = { ...defaults.options, ...own.options };
  const merged = { ...defaults, ...own, ...(Object.keys(options).length > 0 && { options }) };
  if (own.target === undefined && own.server === undefined) return merged;
  const { target: _target, server: _server, ...others } = merged;
  const { target, server } = own;
  return { ...others, ...(target !== undefined && { target }), ...(server !== undefined && { server }) };
}
