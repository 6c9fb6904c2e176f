/**
 * Received JSON in the layout of the written one, for people: its members in the written order, with the written white
 * space, so that only what differs looks different. Placeholders that fit stand as what they took.
 *
 * Non-goals: it does not decide whether a reply matches.
 */
import { boundValue, type Captured } from "./captures.ts";
import { isDifference, matchJson, pathStep } from "./json.ts";
import { pairItems, pairMembers } from "./json-pairs.ts";
import type { JsonDocument, JsonTemplate, Value } from "./json-reader.ts";
import { type JsonRow, JsonRows } from "./json-rows.ts";
import { onOneLine, placeholdersIn, spellValue, textOf } from "./json-spelling.ts";
import type { Placeholder } from "./parts.ts";
import type { Scope } from "./variables.ts";

/** Where the two differ: `expected` is undefined for what was not written, `received` for what is missing. */
export interface JsonMismatch {
  readonly path: string;
  readonly expected: string | undefined;
  readonly received: string | undefined;
  /** Those of the written value. */
  readonly placeholders: readonly Placeholder[];
}

export interface JsonLayout {
  /** The lines of both, beside each other; undefined where a line has no counterpart. */
  readonly rows: readonly JsonRow[];
  readonly mismatches: readonly JsonMismatch[];
}

export function layOutJson(
  template: JsonTemplate,
  received: JsonDocument,
  scope: Scope,
  captured: Captured,
): JsonLayout {
  const layout = new Layout(template, received, scope, captured);
  return { rows: layout.rows(), mismatches: layout.mismatches };
}

const KEY = /"(?:[^"\\]|\\.)*"\s*:\s*$/;

class Layout {
  readonly #template: JsonTemplate;
  readonly #document: JsonDocument;
  readonly #scope: Scope;
  #captured: Captured;
  readonly mismatches: JsonMismatch[] = [];
  readonly #rows = new JsonRows();

  constructor(template: JsonTemplate, document: JsonDocument, scope: Scope, captured: Captured) {
    this.#template = template;
    this.#document = document;
    this.#scope = scope;
    this.#captured = captured;
  }

  rows(): readonly JsonRow[] {
    const { source, root } = this.#template;
    this.#rows.both(source.slice(0, root.start));
    this.#value(root, this.#document.root, "$");
    this.#rows.both(source.slice(this.#end(root)));
    return this.#rows.finish();
  }

  /** A value that only came. */
  #unexpected(path: string, received: string): void {
    this.mismatches.push({ path, expected: undefined, received, placeholders: [] });
  }

  #differ(path: string, value: Value, received: string | undefined): void {
    this.mismatches.push({
      path,
      expected: onOneLine(this.#spell(value)),
      received,
      placeholders: placeholdersIn(value),
    });
  }

  #written = (value: Value): string => textOf(this.#template.source, value);
  #came = (value: Value): string => onOneLine(textOf(this.#document.source, value));
  #end = (value: Value): number => value.start + this.#written(value).length;
  #spell = (value: Value): string =>
    spellValue(this.#template.source, value, (one) => boundValue(one, this.#scope, this.#captured));

  /** Whether a value matches; keeps what it captures. */
  #matches = (expected: Value, received: Value): boolean => {
    const result = matchJson(
      { ...this.#template, root: expected },
      { ...this.#document, root: received },
      this.#scope,
      this.#captured,
    );
    if (isDifference(result)) return false;
    this.#captured = result;
    return true;
  };

  #value(expected: Value, received: Value, path: string): void {
    if (expected.kind === "object" && received.kind === "object") return this.#object(expected, received, path);
    if (expected.kind === "array" && received.kind === "array") return this.#array(expected, received, path);
    if (this.#matches(expected, received)) {
      const isLiteral = expected.kind !== "placeholder" && !(expected.kind === "string" && expected.parts);
      return this.#rows.both(isLiteral ? this.#written(expected) : this.#came(received));
    }
    const [written, came] = [this.#spell(expected), this.#came(received)];
    this.#differ(path, expected, came);
    this.#rows.further(came, undefined);
    this.#rows.missing(written);
  }

  /** What stands before a member or an element: a bracket, or a comma. Without a neighbour there is no comma. */
  #lead(text: string, isFirst: boolean, isThere: boolean, isBefore: boolean): void {
    const isOwnLine = text.includes("\n");
    const comma = isFirst || (isOwnLine ? this.#rows.hasReceived : isThere && isBefore) ? 0 : text.indexOf(",") + 1;
    this.#rows.missing(text.slice(0, comma));
    const rest = text.slice(comma);
    if (isFirst || isOwnLine || (isThere && isBefore)) this.#rows.both(rest);
    else this.#rows.missing(rest);
  }

  #object(expected: Value & { kind: "object" }, received: Value & { kind: "object" }, path: string): void {
    const partners = pairMembers(expected.members, received.members, this.#matches);
    let at = expected.start;
    let indent: string | undefined;
    let came = false;
    for (const member of expected.members) {
      const before = this.#template.source.slice(at, member.value.start);
      const lead = before.slice(0, KEY.exec(before)?.index ?? before.length);
      if (lead.includes("\n")) indent = lead.slice(lead.lastIndexOf("\n") + 1);
      const key = before.slice(lead.length);
      const partner = partners.get(member);
      this.#lead(lead, member === expected.members[0], partner !== undefined, came);
      if (partner) {
        came = true;
        this.#rows.both(member.key.parts ? key.replace(member.key.text, () => JSON.stringify(partner.key.text)) : key);
        this.#value(member.value, partner.value, path + pathStep(partner.key.text));
      } else {
        this.#differ(path + pathStep(member.key.text), member.value, undefined);
        this.#rows.missing(key + this.#spell(member.value));
      }
      at = this.#end(member.value);
    }
    const taken = new Set(partners.values());
    if (!expected.open)
      for (const [i, { key, value }] of received.members.filter((one) => !taken.has(one)).entries()) {
        const shown = this.#came(value);
        this.#unexpected(path + pathStep(key.text), shown);
        const comma = indent === undefined && (i > 0 || expected.members.length > 0) ? ", " : "";
        if (i === 0 && expected.members.length === 0) this.#rows.both(this.#template.source[at++] ?? "");
        this.#rows.further(`${comma}${JSON.stringify(key.text)}: ${shown}`, indent);
      }
    this.#rows.both(this.#template.source.slice(at, this.#end(expected)));
  }

  #array(expected: Value & { kind: "array" }, received: Value & { kind: "array" }, path: string): void {
    const items = received.items as readonly Value[];
    const isOpen = expected.items.includes("...");
    const written = expected.items.filter((item): item is Value => item !== "...");
    const partners = pairItems(expected.items, items, this.#matches);
    let at = expected.start;
    let indent: string | undefined;
    let came = false;
    for (const item of written) {
      const lead = this.#template.source.slice(at, item.start);
      if (lead.includes("\n")) indent = lead.slice(lead.lastIndexOf("\n") + 1);
      const partner = partners.get(item);
      this.#lead(lead, item === written[0], partner !== undefined, came);
      came ||= partner !== undefined;
      if (partner === undefined) {
        this.#differ(`${path}[${written.indexOf(item)}]`, item, undefined);
        this.#rows.missing(this.#spell(item));
      } else this.#value(item, items[partner]!, `${path}[${partner}]`);
      at = this.#end(item);
    }
    const taken = new Set(partners.values());
    if (!isOpen)
      for (const [i, item] of items.entries()) {
        if (taken.has(i)) continue;
        const shown = this.#came(item);
        this.#unexpected(`${path}[${i}]`, shown);
        if (written.length === 0 && at === expected.start) this.#rows.both(this.#template.source[at++] ?? "");
        const comma = indent === undefined && (written.length > 0 || i > 0) ? ", " : "";
        this.#rows.further(comma + shown, indent);
      }
    this.#rows.both(this.#template.source.slice(at, this.#end(expected)));
  }
}
