/** The entries of front matter by the YAML library. */
import type { Node, Scalar } from "yaml";
import { WiredocError } from "../base/error.ts";
import { loadYaml } from "../base/packages.ts";
import type { Span } from "../base/span.ts";
import type { RawValue } from "./settings.ts";

/** A key with its value. */
export interface FrontMatterEntry {
  readonly name: string;
  readonly raw: RawValue;
  readonly keySpan: Span;
  /** Of the value; of the key where there is none. */
  readonly span: Span;
  /** Where the keys of a mapping stand. */
  readonly inner: ReadonlyMap<string, Span>;
}

/** Reads the lines between both `---`, the first of which is the document's second; mistakes go to `report`. */
export function readYamlEntries(
  text: string,
  file: string,
  report: (error: WiredocError) => void,
): readonly FrontMatterEntry[] {
  const { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } = loadYaml();
  const counter = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: counter, keepSourceTokens: false, uniqueKeys: true });
  const spanAt = (offset: number): Span => {
    const { line, col } = counter.linePos(offset);
    return { file, line: line + 1, column: col };
  };
  const fail = (message: string, offset: number): void =>
    report(new WiredocError("front-matter", message, spanAt(offset)));
  for (const { message, pos } of yaml.errors)
    fail(`the front matter is not YAML: ${message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "")}`, pos[0]);
  if (yaml.errors.length > 0 || yaml.contents === null) return [];
  if (!isMap(yaml.contents)) {
    fail('front matter is a list of "key: value" lines', yaml.contents.range?.[0] ?? 0);
    return [];
  }

  /** What an alias stands for. Its anchor stands before it, so there is no circle. */
  const resolved = (node: Node | null): Node | null =>
    isAlias(node) ? ((node.resolve(yaml) as Node | undefined) ?? null) : node;
  const nameOf = (key: unknown): string => String(isScalar(key) ? key.value : key);
  const textOf = (node: Scalar): string =>
    node.type === "PLAIN" && node.source !== undefined ? node.source : String(node.value ?? "");
  /** A node as plain values, in which every scalar is the text that was written. */
  const plain = (given: unknown): unknown => {
    const node = resolved(given as Node | null);
    if (isScalar(node)) return textOf(node);
    if (isSeq(node)) return node.items.map(plain);
    if (!isMap(node)) return null;
    return Object.fromEntries(node.items.map(({ key, value }) => [nameOf(key), plain(value)]));
  };
  const placeOf = (node: Node): Span => spanAt(node.range?.[0] ?? 0);

  return yaml.contents.items.map(({ key, value }): FrontMatterEntry => {
    const keyNode = key as Node;
    const node = resolved(value as Node | null);
    const keys = isMap(node) ? node.items.map((item) => item.key).filter(isScalar) : [];
    return {
      name: nameOf(keyNode),
      raw: isScalar(node) ? { value: node.value, source: textOf(node) } : { value: plain(node), source: undefined },
      keySpan: placeOf(keyNode),
      span: placeOf(node ?? keyNode),
      inner: new Map(keys.map((inner) => [String(inner.value), placeOf(inner)])),
    };
  });
}
