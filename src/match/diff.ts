/**
 * Written lines beside received ones, for people: lines that match are context, only the others are marked. Placeholders
 * stand as what they took.
 */
import { type ByteString, decodeText } from "../base/bytes.ts";
import { type Captured, NOTHING_CAPTURED } from "./captures.ts";
import { type JsonLayout, type JsonMismatch, layOutJson } from "./json-layout.ts";
import { type JsonTemplate, parseJson } from "./json-reader.ts";
import { alignLines, type LinePair } from "./line-alignment.ts";
import type { LinePattern } from "./pattern.ts";
import { spell } from "./spelling.ts";
import type { Scope } from "./variables.ts";

/** One row of the comparison. Texts are not escaped yet. */
export type DiffRow =
  | { readonly kind: "same"; readonly expected: string; readonly received: string }
  | { readonly kind: "expected"; readonly expected: string; readonly line: number }
  | { readonly kind: "received"; readonly received: string }
  | { readonly kind: "changed"; readonly expected: string; readonly received: string; readonly line: number };

/** A received line: as it came, and as a document would write it. */
export interface ShownLine {
  readonly bytes: ByteString;
  readonly shown: string;
}

/** A written line that was not met, with what stands in its place and what the lines before it captured. */
export interface Difference {
  readonly pattern: LinePattern;
  readonly received: ShownLine | undefined;
  readonly captured: Captured;
  /** Where it is JSON: the first member that differs. */
  readonly json: JsonMismatch | undefined;
  /** Where it is bytes: the written line with the values of its placeholders, and how many bytes stand before the first that differs. */
  readonly expected?: string;
  readonly offset?: number;
}

export interface Diff {
  readonly rows: readonly DiffRow[];
  readonly differences: readonly Difference[];
}

export interface LineComparison {
  /** What a line captures if it matches; undefined if it does not. */
  match(pattern: LinePattern, line: ByteString, captured: Captured): Captured | undefined;
  readonly scope: Scope;
}

/** Lines that are one JSON text on both sides. */
export interface JsonStretch {
  readonly patterns: readonly LinePattern[];
  readonly template: JsonTemplate;
  readonly lines: readonly ShownLine[];
}

/** Puts together the comparison of a reply; its parts are added in order. */
export class ReplyDiff implements Diff {
  readonly #comparison: LineComparison;
  readonly rows: DiffRow[] = [];
  readonly differences: Difference[] = [];
  #captured: Captured = NOTHING_CAPTURED;

  /** @param captured by what came before in the same reply. */
  constructor(comparison: LineComparison, captured: Captured = NOTHING_CAPTURED) {
    this.#comparison = comparison;
    this.#captured = captured;
  }

  get captured(): Captured {
    return this.#captured;
  }

  lines(expected: readonly LinePattern[], received: readonly ShownLine[]): void {
    const { match } = this.#comparison;
    // Names that the lines at the beginning bind stand for the same in those after them.
    let known = this.#captured;
    for (const [i, pattern] of expected.entries()) {
      const next: Captured | undefined =
        received[i] && pattern.repeat === "once" ? match(pattern, received[i].bytes, known) : undefined;
      if (!next) break;
      known = next;
    }
    const pairs = alignLines(expected, received, {
      matches: (pattern, line) => match(pattern, line.bytes, known) !== undefined,
      isAlike: (pattern, line) => looksAlike(pattern.source, line.shown),
    });
    for (const pair of pairs) this.#pair(pair, expected, received);
  }

  #pair({ kind, expected: e, received: r }: LinePair, expected: readonly LinePattern[], lines: readonly ShownLine[]) {
    const pattern = e === undefined ? undefined : expected[e]!;
    const line = r === undefined ? undefined : lines[r]!;
    if (pattern && line && (kind === "same" || kind === "changed")) {
      const captured = this.#comparison.match(pattern, line.bytes, this.#captured);
      if (!captured) return this.#changed(pattern, line);
      this.#captured = captured;
    }
    if (line && kind !== "received") {
      this.rows.push({ kind: "same", expected: pattern!.source, received: line.shown });
    } else if (line) this.rows.push({ kind: "received", received: line.shown });
    else if (pattern) {
      this.differences.push({ pattern, received: undefined, captured: this.#captured, json: undefined });
      const { text } = spell(pattern, undefined, this.#comparison.scope, this.#captured);
      this.rows.push({ kind: "expected", expected: text, line: pattern.line });
    }
  }

  #changed(pattern: LinePattern, line: ShownLine): void {
    const layout = this.#layOutLine(pattern, line);
    if (layout) return this.#add(pattern, line, layout.mismatches[0], layout.expected, layout.received);
    const came = decodeText(line.bytes).replace(/\r?\n$/, "");
    const { text, captured } = spell(pattern, came, this.#comparison.scope, this.#captured);
    this.#add(pattern, line, undefined, text, line.shown);
    this.#captured = captured;
  }

  #add(
    pattern: LinePattern,
    received: ShownLine,
    json: JsonMismatch | undefined,
    expected: string,
    shown: string,
  ): void {
    this.differences.push({ pattern, received, captured: this.#captured, json });
    this.rows.push({ kind: "changed", expected, received: shown, line: pattern.line });
  }

  /** A ` (json)` line and the one that came, with its members in the written order; undefined where that is no JSON. */
  #layOutLine(
    { body, source }: LinePattern,
    { bytes }: ShownLine,
  ): { expected: string; received: string; mismatches: JsonLayout["mismatches"] } | undefined {
    if (body.kind !== "json") return undefined;
    const came = decodeText(bytes).replace(/\r?\n$/, "");
    const from = came.search(/[{[]/);
    const json = from < 0 ? undefined : parseJson(came.slice(from));
    if (!json) return undefined;
    const { rows, mismatches } = layOutJson(body.template, json, this.#comparison.scope, this.#captured);
    const [row] = rows;
    const at = source.indexOf(body.template.source);
    if (!row || rows.length > 1 || mismatches.length === 0 || at < 0) return undefined;
    return {
      expected: `${source.slice(0, at)}${row.expected ?? ""}${source.slice(at + body.template.source.length)}`,
      received: `${came.slice(0, from)}${row.received ?? ""}`,
      mismatches,
    };
  }

  /** Lines that are JSON together. Where nothing differs they stand as they came. */
  json({ patterns, template, lines }: JsonStretch): boolean {
    const document = parseJson(decodeText(lines.map(({ bytes }) => bytes).join("")));
    if (!document) return false;
    const { rows, mismatches } = layOutJson(template, document, this.#comparison.scope, this.#captured);
    if (mismatches.length === 0) {
      for (const { shown } of lines) this.rows.push({ kind: "same", expected: shown, received: shown });
      return true;
    }
    const left = [...mismatches];
    for (const { expected, received, line } of rows) {
      const pattern = patterns[line] ?? patterns.at(-1)!;
      if (expected !== undefined && expected === received) this.rows.push({ kind: "same", expected, received });
      else {
        const shown = received === undefined ? undefined : { bytes: received, shown: received };
        this.differences.push({ pattern, received: shown, captured: this.#captured, json: left.shift() });
        if (expected === undefined) this.rows.push({ kind: "received", received: received ?? "" });
        else if (received === undefined) this.rows.push({ kind: "expected", expected, line: pattern.line });
        else this.rows.push({ kind: "changed", expected, received, line: pattern.line });
      }
    }
    return true;
  }
}

/** So much of two lines is looked at to tell whether they are alike. */
const LOOKED_AT = 200;

/** Whether two lines that differ have most of their beginnings and ends in common. */
export function looksAlike(written: string, received: string): boolean {
  const most = Math.min(written.length, received.length, LOOKED_AT);
  let start = 0;
  while (start < most && written[start] === received[start]) start++;
  let end = 0;
  while (end < most - start && written.at(-1 - end) === received.at(-1 - end)) end++;
  return most > 0 && (start + end) * 2 >= most;
}
