/** A config file in YAML, and so in JSON, as values with places. Apart from config.ts because the library takes its time to load. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, Scalar } from "yaml";
import { WiredocError } from "../base/error.ts";
import type { Span } from "../base/span.ts";
import type { ConfigEntry, ConfigValue } from "./config-value.ts";

/** @throws {WiredocError} `bad-config` where the text is no YAML. Undefined for a file that says nothing. */
export function fromYaml(text: string, file: string): ConfigValue | undefined {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, keepSourceTokens: false });
  const spanAt = (offset: number): Span => {
    const { line, col } = counter.linePos(offset);
    return { file, line, column: col };
  };
  const fail = (message: string, offset: number): never => {
    throw new WiredocError("bad-config", message, spanAt(offset));
  };
  const [error] = document.errors;
  if (error) fail(`this is not YAML: ${withoutPlace(error.message)}`, error.pos[0]);

  const convert = (node: Node | null, after: Span, ancestors: readonly Node[]): ConfigValue => {
    if (node === null) return { kind: "scalar", value: null, text: "", span: after };
    const offset = node.range?.[0] ?? 0;
    const span = spanAt(offset);
    const inside = [...ancestors, node];
    if (isAlias(node)) {
      const target = node.resolve(document) ?? fail(`there is no anchor "&${node.source}" above`, offset);
      if (ancestors.includes(target as Node)) return fail("a value holds itself", offset);
      return convert(target as Node, span, inside);
    }
    if (isScalar(node)) {
      const isPlain = node.type === Scalar.PLAIN && node.source !== undefined;
      return { kind: "scalar", value: node.value, text: isPlain ? node.source! : String(node.value ?? ""), span };
    }
    if (isSeq(node))
      return { kind: "list", items: node.items.map((item) => convert(item as Node, span, inside)), span };
    if (!isMap(node)) return fail("this is neither a value, a list nor a mapping", offset);
    const entries = node.items.map(({ key, value }): ConfigEntry => {
      const keyNode = key as Node;
      const keySpan = spanAt(keyNode.range?.[0] ?? 0);
      const name = isScalar(keyNode) ? String(keyNode.value) : fail("a key is a single word", keyNode.range?.[0] ?? 0);
      return { name, span: keySpan, value: convert(value as Node | null, keySpan, inside) };
    });
    return { kind: "map", entries, span };
  };
  return document.contents === null ? undefined : convert(document.contents as Node, spanAt(0), []);
}

const withoutPlace = (message: string): string => message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");
