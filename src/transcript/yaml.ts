/**
 * YAML as values with places, for front matter and config files. Each node is converted once, however often an alias
 * names it, so that a few lines of aliases cannot stand for more than a machine holds.
 */
import type { Node, Pair, ParsedNode, Scalar } from "yaml";
import { loadYaml } from "../base/packages.ts";
import type { Span } from "../base/span.ts";
import type { Entry, Value } from "./value.ts";

/** Real files nest a few levels. The parser itself fails at a few thousand. */
const MOST_NESTED = 100;

/** One mistake often leads to further ones. */
const MOST_MISTAKES = 20;

/** Takes a mistake. */
export type ReportYaml = (message: string, span: Span) => void;

/** Reads a text whose first line is the file's `firstLine`. Undefined where it says nothing, or has a mistake. */
export function readYaml(text: string, file: string, firstLine: number, report: ReportYaml): Value | undefined {
  const { LineCounter, parseDocument } = loadYaml();
  const counter = new LineCounter();
  const spanAt = (offset: number): Span => {
    const { line, col } = counter.linePos(offset);
    return { file, line: line + firstLine - 1, column: col };
  };
  // Keys that are written twice are looked for here: the library compares each with all others.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false });
  const nested = document.errors.find(isNesting);
  const errors = nested ? [nested] : document.errors.slice(0, MOST_MISTAKES);
  for (const error of errors) {
    const message = error === nested ? NESTED : `this is not YAML: ${error.message.split("\n")[0]}`;
    report(message, spanAt(error.pos[0]));
  }
  if (document.errors.length > 0 || document.contents === null) return undefined;
  const reader = new Reader(spanAt, report);
  const value = reader.read(document.contents, spanAt(0), 0);
  return reader.hasMistake ? undefined : value;
}

const NESTED = `there are more than ${MOST_NESTED} lists or mappings within each other`;

/** The parser calls itself for the content of a list or a mapping, and says so where it cannot go on. */
const isNesting = ({ message }: Error): boolean => message.startsWith("Maximum call stack");

class Reader {
  readonly #yaml: ReturnType<typeof loadYaml>;
  readonly #spanAt: (offset: number) => Span;
  readonly #report: ReportYaml;
  readonly #anchors = new Map<string, Node>();
  /** The values of nodes; undefined while a node is being read. */
  readonly #values = new Map<Node, Value | undefined>();
  #mistakes = 0;

  constructor(spanAt: (offset: number) => Span, report: ReportYaml) {
    this.#yaml = loadYaml();
    this.#spanAt = spanAt;
    this.#report = report;
  }

  #fail(message: string, span: Span): Value {
    if (this.#mistakes++ < MOST_MISTAKES) this.#report(message, span);
    return { kind: "scalar", value: null, text: "", span };
  }

  get hasMistake(): boolean {
    return this.#mistakes > 0;
  }

  /** `after` is the place of a value that is not there. */
  read(node: Node | ParsedNode | null, after: Span, depth: number): Value {
    const { isAlias, isMap, isScalar, isSeq } = this.#yaml;
    if (node === null) return { kind: "scalar", value: null, text: "", span: after };
    const span = this.#spanAt(node.range?.[0] ?? 0);
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (!target) return this.#fail(`there is no anchor "&${node.source}" above`, span);
      return this.#values.get(target) ?? this.#fail("a value holds itself", span);
    }
    if (depth > MOST_NESTED) return this.#fail(NESTED, span);
    const { anchor } = node as { readonly anchor?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    this.#values.set(node, undefined);
    let value: Value;
    if (isScalar(node)) value = { kind: "scalar", value: node.value, text: this.#textOf(node), span };
    else if (isSeq(node)) {
      const items: Value[] = [];
      for (const item of node.items) items.push(this.read(item as Node | null, span, depth + 1));
      value = { kind: "list", items, span };
    } else if (isMap(node)) value = { kind: "map", entries: this.#entries(node.items, depth), span };
    else value = this.#fail("this is neither a value, a list nor a mapping", span);
    this.#values.set(node, value);
    return value;
  }

  #entries(pairs: readonly Pair[], depth: number): readonly Entry[] {
    const names = new Set<string>();
    return pairs.map(({ key, value }): Entry => {
      const node = key as Node;
      const span = this.#spanAt(node?.range?.[0] ?? 0);
      const read = this.read(node, span, depth + 1);
      const name = read.kind === "scalar" ? String(read.value) : "";
      if (read.kind !== "scalar") this.#fail("a key is a single word", span);
      else if (names.has(name)) this.#fail(`the key "${name}" is written twice; keep one of them`, span);
      names.add(name);
      return { name, span, value: this.read(value as Node | null, span, depth + 1) };
    });
  }

  #textOf(node: Scalar): string {
    return node.type === "PLAIN" && node.source !== undefined ? node.source : String(node.value ?? "");
  }
}
