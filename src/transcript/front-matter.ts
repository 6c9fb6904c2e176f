/**
 * YAML front matter: between a `---` on the first line and the next one, keys as settings.ts knows them. Mappings and
 * scalars keep what is written: a variable `id: 007` is `007`.
 *
 * Most front matter is a few lines like `target: tcp://host:port`, which mean the same by every reading of YAML; they are
 * read here. The library is loaded for all else (front-matter-yaml.ts): that takes a tenth of a short run.
 */
import { WiredocError } from "../base/error.ts";
import type { Span } from "../base/span.ts";
import { type FrontMatterEntry, readYamlEntries } from "./front-matter-yaml.ts";
import type { Settings } from "./model.ts";
import { type DialectNames, MOST_MISTAKES, readSetting, SettingError } from "./settings.ts";

export interface FrontMatter {
  readonly settings: Settings;
  /** Where each key's value is. */
  readonly spans: Readonly<Record<string, Span>>;
  /** How many lines of the document it takes, with both `---`. */
  readonly lines: number;
}

const NONE: FrontMatter = { settings: {}, spans: {}, lines: 0 };

/** Reads the front matter of a document's lines; mistakes go to `report`. */
export function readFrontMatter(
  lines: readonly string[],
  file: string,
  dialects: DialectNames,
  report: (error: WiredocError) => void,
): FrontMatter {
  if (lines[0]?.trimEnd() !== "---") return NONE;
  const end = lines.findIndex((line, i) => i > 0 && line.trimEnd() === "---");
  if (end < 0) {
    if (/^[A-Za-z_-]+:/.test(lines[1] ?? "")) {
      report(
        new WiredocError("front-matter", 'the front matter has no end; close it with a line "---"', {
          file,
          line: 1,
          column: 1,
        }),
      );
    }
    return NONE;
  }
  const written = lines.slice(1, end);
  let settings: Settings = {};
  const spans: Record<string, Span> = {};
  let left = MOST_MISTAKES;
  for (const { name, raw, span, keySpan, inner } of readPlainEntries(written, file) ??
    readYamlEntries(written.join("\n"), file, report)) {
    if (left === 0) {
      report(new WiredocError("front-matter", "further keys are not read; correct those before them first", keySpan));
      break;
    }
    try {
      settings = readSetting(settings, name, raw, dialects);
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      left--;
      for (const { code, key, message } of [error, ...error.further]) {
        const place = key === undefined ? undefined : inner.get(key);
        const text = key === undefined && code === "bad-value" ? `${name}: ${message}` : message;
        report(new WiredocError(code, text, place ?? (code === "unknown-key" && key === undefined ? keySpan : span)));
      }
    }
    spans[name] = span;
    for (const [key, place] of inner) spans[`${name}.${key}`] = place;
  }
  return { settings, spans, lines: end + 1 };
}

/** A key and a text that YAML takes for nothing else: no number, no boolean, no mapping, nothing quoted. */
const PLAIN_ENTRY = /^([a-z]+): +((?!(?:[Tt]rue|[Ff]alse|[Nn]ull|[A-Z]+)$)[A-Za-z](?:[\w./:@-]*[\w/])?|\d+(?:ms|s|m))$/;
const NO_KEYS: ReadonlyMap<string, Span> = new Map();

/** The entries of front matter in which every line is plain and no key comes twice; undefined for any other. */
export function readPlainEntries(lines: readonly string[], file: string): readonly FrontMatterEntry[] | undefined {
  const entries: FrontMatterEntry[] = [];
  const names = new Set<string>();
  for (const [index, line] of lines.entries()) {
    const [, name, text] = PLAIN_ENTRY.exec(line) ?? [];
    if (name === undefined || text === undefined || names.has(name)) return undefined;
    names.add(name);
    const at = { file, line: index + 2 };
    entries.push({
      name,
      raw: { value: text, source: text },
      keySpan: { ...at, column: 1 },
      span: { ...at, column: line.length - text.length + 1 },
      inner: NO_KEYS,
    });
  }
  return entries;
}
