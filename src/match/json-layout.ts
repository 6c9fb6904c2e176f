/**
 * Received JSON in the layout of the written one, for people: its members in the written order, with the written white
 * space, so that only what differs looks different. Placeholders that fit stand as what they took.
 *
 * Non-goals: it does not decide whether a reply matches.
 */
import { decodeText } from "../base/bytes.ts";
import { boundValue, type Captured } from "./captures.ts";
import { step } from "./json.ts";
import { JsonPairs } from "./json-pairs.ts";
import type { JsonDocument, JsonTemplate, Value } from "./json-reader.ts";
import { type JsonRow, JsonRows } from "./json-rows.ts";
import { type Placeholder, readPlaceholder } from "./parts.ts";
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

export const layOutJson = (
  template: JsonTemplate,
  received: JsonDocument,
  scope: Scope,
  captured: Captured,
): JsonLayout => new Layout(template, received, scope, captured).layOut();

/** White space outside of strings, so that a value takes one line. */
const compact = (source: string): string =>
  source.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (part) => (part[0] === '"' ? part : /[\r\n]/.test(part) ? " " : part));

const KEY = /"(?:[^"\\]|\\.)*"\s*:\s*$/;

/** The values right within a value. */
function valuesIn(value: Value): readonly Value[] {
  if (value.kind === "object") return value.members.map((member) => member.value);
  return value.kind === "array" ? value.items.filter((item): item is Value => item !== "...") : [];
}

function placeholdersIn(value: Value): readonly Placeholder[] {
  if (value.kind === "placeholder") return [value.placeholder];
  if (value.kind === "string") return value.parts?.filter((part) => part.kind === "placeholder") ?? [];
  return valuesIn(value).flatMap(placeholdersIn);
}

class Layout {
  readonly #template: JsonTemplate;
  readonly #document: JsonDocument;
  readonly #scope: Scope;
  readonly #pairs: JsonPairs;
  readonly #rows = new JsonRows();
  readonly #mismatches: JsonMismatch[] = [];

  constructor(template: JsonTemplate, document: JsonDocument, scope: Scope, captured: Captured) {
    this.#template = template;
    this.#document = document;
    this.#scope = scope;
    this.#pairs = new JsonPairs(template, document, scope, captured);
  }

  layOut(): JsonLayout {
    const { source, root } = this.#template;
    this.#rows.both(source.slice(0, root.start));
    this.#value(root, this.#document.root, "$");
    this.#rows.both(source.slice(this.#end(root)));
    return { rows: this.#rows.finish(), mismatches: this.#mismatches };
  }

  /** Only came. */
  #unexpected(path: string, received: string): void {
    this.#mismatches.push({ path, expected: undefined, received, placeholders: [] });
  }

  #differ(path: string, value: Value, received: string | undefined): void {
    this.#mismatches.push({
      path,
      expected: compact(this.#spell(value)),
      received,
      placeholders: placeholdersIn(value),
    });
  }

  // The reader counts the white space after an object or an array to it.
  #written = (value: Value): string => this.#template.source.slice(value.start, value.end).trimEnd();
  #came = (value: Value): string => compact(this.#document.source.slice(value.start, value.end).trimEnd());
  #end = (value: Value): number => value.start + this.#written(value).length;

  /** A written value, with what bound placeholders stand for. */
  #spell(value: Value): string {
    if (value.kind === "placeholder") {
      const bound = boundValue(value.placeholder, this.#scope, this.#pairs.captured);
      return bound === undefined ? this.#written(value) : decodeText(bound);
    }
    if (value.kind === "string") return value.parts ? this.#spellString(this.#written(value)) : this.#written(value);
    let text = "";
    let at = value.start;
    for (const inner of valuesIn(value)) {
      text += this.#template.source.slice(at, inner.start) + this.#spell(inner);
      at = this.#end(inner);
    }
    return text + this.#template.source.slice(at, this.#end(value));
  }

  #spellString(written: string): string {
    let text = "";
    let from = 0;
    for (let at = written.indexOf("{{"); at >= 0; at = written.indexOf("{{", Math.max(at + 1, from))) {
      const found = written[at - 1] === "\\" ? undefined : readPlaceholder(written, at, 0);
      const bound = found && boundValue(found.part, this.#scope, this.#pairs.captured);
      if (bound === undefined) continue;
      text += written.slice(from, at) + JSON.stringify(decodeText(bound)).slice(1, -1);
      from = found!.end;
    }
    return text + written.slice(from);
  }

  #value(expected: Value, received: Value, path: string): void {
    if (expected.kind === "object" && received.kind === "object") return this.#object(expected, received, path);
    if (expected.kind === "array" && received.kind === "array") return this.#array(expected, received, path);
    if (this.#pairs.matches(expected, received)) {
      const isLiteral = expected.kind !== "placeholder" && !(expected.kind === "string" && expected.parts);
      return this.#rows.both(isLiteral ? this.#written(expected) : this.#came(received));
    }
    const [written, came] = [this.#spell(expected), this.#came(received)];
    this.#differ(path, expected, came);
    this.#rows.further(came, undefined);
    this.#rows.missing(written);
  }

  #object(expected: Value & { kind: "object" }, received: Value & { kind: "object" }, path: string): void {
    const partners = this.#pairs.ofMembers(expected.members, received.members);
    let at = expected.start;
    let indent: string | undefined;
    let came = false;
    for (const member of expected.members) {
      const before = this.#template.source.slice(at, member.value.start);
      const lead = before.slice(0, KEY.exec(before)?.index ?? before.length);
      if (lead.includes("\n")) indent = lead.slice(lead.lastIndexOf("\n") + 1);
      const key = before.slice(lead.length);
      const partner = partners.get(member);
      this.#rows.lead(lead, member === expected.members[0], partner !== undefined, came);
      if (partner) {
        came = true;
        this.#rows.both(member.key.parts ? key.replace(member.key.text, () => JSON.stringify(partner.key.text)) : key);
        this.#value(member.value, partner.value, path + step(partner.key.text));
      } else {
        this.#differ(path + step(member.key.text), member.value, undefined);
        this.#rows.missing(key + this.#spell(member.value));
      }
      at = this.#end(member.value);
    }
    const taken = new Set(partners.values());
    if (!expected.open)
      for (const [i, { key, value }] of received.members.filter((one) => !taken.has(one)).entries()) {
        const shown = this.#came(value);
        this.#unexpected(path + step(key.text), shown);
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
    const partners = this.#pairs.ofItems(expected.items, items);
    let at = expected.start;
    let indent: string | undefined;
    let came = false;
    for (const item of written) {
      const lead = this.#template.source.slice(at, item.start);
      if (lead.includes("\n")) indent = lead.slice(lead.lastIndexOf("\n") + 1);
      const partner = partners.get(item);
      this.#rows.lead(lead, item === written[0], partner !== undefined, came);
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
