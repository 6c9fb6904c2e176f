/** The entries of front matter by the YAML library. */
import { WiredocError } from "../base/error.ts";
import type { Span } from "../base/span.ts";
import type { RawValue } from "./checks.ts";
import { toRawValue } from "./value.ts";
import { readYaml } from "./yaml.ts";

/** A key with its value. */
export interface FrontMatterEntry {
  readonly name: string;
  readonly raw: RawValue;
  readonly keySpan: Span;
  /** Of the value; of the key where there is none. */
  readonly span: Span;
  /** Where the keys of a mapping are. */
  readonly inner: ReadonlyMap<string, Span>;
}

/** Reads the lines between both `---`, the first of which is the document's second; mistakes go to `report`. */
export function readYamlEntries(
  text: string,
  file: string,
  report: (error: WiredocError) => void,
): readonly FrontMatterEntry[] {
  const top: Span = { file, line: 2, column: 1 };
  const fail = (message: string, span: Span): void =>
    report(new WiredocError("front-matter", `the front matter cannot be read: ${message}`, span));
  const value = readYaml(text, file, 2, fail);
  if (value === undefined || (value.kind === "scalar" && value.value === null)) return [];
  if (value.kind !== "map") {
    fail('it has to be "key: value" lines', value.span ?? top);
    return [];
  }
  return value.entries.map(({ name, span: keySpan = top, value }): FrontMatterEntry => {
    const inner = new Map<string, Span>();
    if (value.kind === "map") for (const { name, span } of value.entries) inner.set(name, span ?? keySpan);
    return { name, raw: toRawValue(value), keySpan, span: value.span ?? keySpan, inner };
  });
}
