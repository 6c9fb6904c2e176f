/**
 * YAML front matter: between a `---` on the first line and the next one, keys as settings.ts knows them. Mappings and
 * scalars keep what is written: a variable `id: 007` is `007`.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument as parseYaml, Scalar } from "yaml";
import { WiredocError } from "../base/error.ts";
import type { Span } from "../base/span.ts";
import type { Settings } from "./model.ts";
import { type DialectNames, type RawValue, readSetting, SettingError } from "./settings.ts";

export interface FrontMatter {
  readonly settings: Settings;
  /** Where each key's value stands. */
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
  const counter = new LineCounter();
  const yaml = parseYaml(lines.slice(1, end).join("\n"), {
    lineCounter: counter,
    keepSourceTokens: false,
    uniqueKeys: true,
  });
  const spanAt = (offset: number): Span => {
    const { line, col } = counter.linePos(offset);
    return { file, line: line + 1, column: col };
  };
  for (const error of yaml.errors) {
    report(
      new WiredocError(
        "front-matter",
        `the front matter is not YAML: ${error.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "")}`,
        spanAt(error.pos[0]),
      ),
    );
  }
  if (yaml.errors.length > 0 || yaml.contents === null) return { ...NONE, lines: end + 1 };
  if (!isMap(yaml.contents)) {
    report(
      new WiredocError(
        "front-matter",
        'front matter is a list of "key: value" lines',
        spanAt(yaml.contents.range?.[0] ?? 0),
      ),
    );
    return { ...NONE, lines: end + 1 };
  }
  const resolved = resolveIn(yaml);
  let settings: Settings = {};
  const spans: Record<string, Span> = {};
  for (const { key, value } of yaml.contents.items) {
    const keyNode = key as Node;
    const name = String(isScalar(keyNode) ? keyNode.value : keyNode);
    const node = resolved(value as Node | null);
    const place = node ?? keyNode;
    try {
      settings = readSetting(settings, name, rawValue(node, resolved), dialects);
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      const at = error.code === "unknown-key" && error.key === undefined ? keyNode : (keyOf(node, error.key) ?? place);
      report(
        new WiredocError(
          error.code,
          error.key === undefined && error.code === "bad-value" ? `${name}: ${error.message}` : error.message,
          spanAt(at.range?.[0] ?? 0),
        ),
      );
    }
    spans[name] = spanAt(place.range?.[0] ?? 0);
    for (const { key } of isMap(node) ? node.items : []) {
      if (isScalar(key)) spans[`${name}.${String(key.value)}`] = spanAt(key.range?.[0] ?? 0);
    }
  }
  return { settings, spans, lines: end + 1 };
}

function keyOf(node: Node | null, name: string | undefined): Node | undefined {
  if (name === undefined || !isMap(node)) return undefined;
  return node.items.map(({ key }) => key as Node).find((key) => isScalar(key) && String(key.value) === name);
}

type Resolve = (node: Node | null) => Node | null;

/** What an alias stands for. Its anchor stands before it, so there is no circle. */
const resolveIn =
  (yaml: ReturnType<typeof parseYaml>) =>
  (node: Node | null): Node | null =>
    isAlias(node) ? ((node.resolve(yaml) as Node | undefined) ?? null) : node;

/** A node as plain values, in which every scalar is the text that was written. */
function rawValue(node: Node | null, resolved: Resolve): RawValue {
  if (isScalar(node)) return { value: node.value, source: scalarText(node) };
  return { value: plain(node, resolved), source: undefined };
}

const scalarText = (node: Scalar): string =>
  node.type === Scalar.PLAIN && node.source !== undefined ? node.source : String(node.value ?? "");

function plain(given: unknown, resolved: Resolve): unknown {
  const node = resolved(given as Node | null);
  if (isScalar(node)) return scalarText(node);
  if (isSeq(node)) return node.items.map((item) => plain(item, resolved));
  if (!isMap(node)) return null;
  return Object.fromEntries(
    node.items.map(({ key, value }) => [String(isScalar(key) ? key.value : key), plain(value, resolved)]),
  );
}
