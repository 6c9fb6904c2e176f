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
import type { Document, Settings } from "./model.ts";
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

/** A document, and its mistakes: what can be read is there all the same. */
export interface Parsed {
  readonly document: Document;
  readonly errors: readonly WiredocError[];
}

/** Reads a document. @throws {DocumentErrors} */
export function parseDocument(text: string, options: ParseOptions): Document {
  const { document, errors } = parseTolerantly(text, options);
  if (errors.length > 0) throw new DocumentErrors(errors);
  return document;
}

/** Reads a document and lists its mistakes, in the order of its lines. */
export function parseTolerantly(source: string, options: ParseOptions): Parsed {
  const { path, dialects } = options;
  const errors: WiredocError[] = [];
  const report = (error: WiredocError): void => void errors.push(error);
  const lines = normalize(source).split("\n");
  const frontMatter = readFrontMatter(lines, path, dialects, report);
  const settings = withDefaults(frontMatter.settings, options.defaults ?? {});
  const { target, server, client } = frontMatter.spans;
  if (target && server) report(targetAndServer(target, server));

  const targetKnown = options.targetKnown === true || settings.target !== undefined || settings.server !== undefined;
  const reader = new ExampleReader({ file: path, settings, dialects, targetKnown, report });
  for (const block of readBlocks(lines, frontMatter.lines)) reader.add(block);
  reader.end();

  const { examples, prose, languages } = reader;
  const isOurs = examples.length > 0 || Boolean(target ?? server ?? client);
  const warnings = [...reader.warnings, ...proseWarnings(prose, { file: path, languages: [...languages], isOurs })];
  sortByPlace(errors);
  sortByPlace(warnings);
  return { document: { path, source, settings, settingSpans: frontMatter.spans, examples, warnings }, errors };
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
