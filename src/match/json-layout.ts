/**
 * Received JSON in the layout of the written one, for people: its members in the written order, with the written white
 * space, so that only what differs looks different. Placeholders that fit stand as what they took.
 *
 * Non-goals: it does not decide whether a reply matches.
 */
import { decodeText } from "../base/bytes.ts";
import { boundValue, type Captured } from "./captures.ts";
import { isDifference, matchJson } from "./json.ts";
import type { JsonDocument, JsonTemplate, Member, Value } from "./json-reader.ts";
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

export interface JsonRow {
  readonly expected: string | undefined;
  readonly received: string | undefined;
  /** The line of the template, from 0. */
  readonly line: number;
}

export function layOutJson(
  template: JsonTemplate,
  received: JsonDocument,
  scope: Scope,
  captured: Captured,
): JsonLayout {
  const layout = new Layout(template, received, scope, captured);
  layout.both(template.source.slice(0, template.root.start));
  layout.value(template.root, received.root, "$");
  layout.end();
  return { rows: layout.finish(), mismatches: layout.mismatches };
}

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
  #captured: Captured;
  readonly mismatches: JsonMismatch[] = [];
  readonly #rows: JsonRow[] = [];
  #expected = "";
  #received = "";
  #line = 0;

  constructor(template: JsonTemplate, document: JsonDocument, scope: Scope, captured: Captured) {
    this.#template = template;
    this.#document = document;
    this.#scope = scope;
    this.#captured = captured;
  }

  /** Text that stands on both sides. */
  both(text: string): void {
    for (const [i, piece] of text.split("\n").entries()) {
      if (i > 0) {
        this.#endLine(true, true);
        this.#line++;
      }
      this.#expected += piece;
      this.#received += piece;
    }
  }

  /** What stands after the value. */
  end(): void {
    this.both(this.#template.source.slice(this.#end(this.#template.root)));
  }

  finish(): readonly JsonRow[] {
    this.#endLine(true, true);
    return this.#rows;
  }

  #endLine(isWritten: boolean, came: boolean): void {
    const expected = isWritten && (this.#expected.trim() !== "" || this.#received.trim() === "");
    const received = came && (this.#received.trim() !== "" || this.#expected.trim() === "");
    this.#rows.push({
      expected: expected ? this.#expected : undefined,
      received: received ? this.#received : undefined,
      line: this.#line,
    });
    this.#expected = "";
    this.#received = "";
  }

  /** Text that only the document has. */
  #missing(text: string): void {
    for (const [i, piece] of text.split("\n").entries()) {
      if (i > 0) {
        this.#endLine(true, this.#received.trim() !== "");
        this.#line++;
      }
      this.#expected += piece;
    }
  }

  /** Text that only came; on a line of its own where `indent` is given. */
  #further(text: string, indent: string | undefined): void {
    if (indent !== undefined) {
      this.#endLine(true, true);
      this.#received = indent;
    }
    this.#received += text;
  }

  /** Only came. */
  #unexpected(path: string, received: string): void {
    this.mismatches.push({ path, expected: undefined, received, placeholders: [] });
  }

  #differ(path: string, value: Value, received: string | undefined): void {
    this.mismatches.push({
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

  /** Whether a value matches; keeps what it captures. */
  #matches(expected: Value, received: Value): boolean {
    const result = matchJson(
      { ...this.#template, root: expected },
      { ...this.#document, root: received },
      this.#scope,
      this.#captured,
    );
    if (isDifference(result)) return false;
    this.#captured = result;
    return true;
  }

  /** A written value, with what bound placeholders stand for. */
  #spell(value: Value): string {
    if (value.kind === "placeholder") {
      const bound = boundValue(value.placeholder, this.#scope, this.#captured);
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
      const bound = found && boundValue(found.part, this.#scope, this.#captured);
      if (bound === undefined) continue;
      text += written.slice(from, at) + JSON.stringify(decodeText(bound)).slice(1, -1);
      from = found!.end;
    }
    return text + written.slice(from);
  }

  value(expected: Value, received: Value, path: string): void {
    if (expected.kind === "object" && received.kind === "object") return this.#object(expected, received, path);
    if (expected.kind === "array" && received.kind === "array") return this.#array(expected, received, path);
    if (this.#matches(expected, received)) {
      const isLiteral = expected.kind !== "placeholder" && !(expected.kind === "string" && expected.parts);
      return this.both(isLiteral ? this.#written(expected) : this.#came(received));
    }
    const [written, came] = [this.#spell(expected), this.#came(received)];
    this.#differ(path, expected, came);
    this.#further(came, undefined);
    this.#missing(written);
  }

  /** What stands in front of a member or an element: a bracket, or a comma, which nothing needs that has no neighbour. */
  #lead(text: string, isFirst: boolean, isThere: boolean, isBefore: boolean): void {
    const isOwnLine = text.includes("\n");
    const comma =
      isFirst || (isOwnLine ? this.#received.trim() !== "" : isThere && isBefore) ? 0 : text.indexOf(",") + 1;
    this.#missing(text.slice(0, comma));
    const rest = text.slice(comma);
    if (isFirst || isOwnLine || (isThere && isBefore)) this.both(rest);
    else this.#missing(rest);
  }

  #object(expected: Value & { kind: "object" }, received: Value & { kind: "object" }, path: string): void {
    const partners = this.#pairMembers(expected.members, received.members);
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
        this.both(member.key.parts ? key.replace(member.key.text, () => JSON.stringify(partner.key.text)) : key);
        this.value(member.value, partner.value, path + step(partner.key.text));
      } else {
        this.#differ(path + step(member.key.text), member.value, undefined);
        this.#missing(key + this.#spell(member.value));
      }
      at = this.#end(member.value);
    }
    const taken = new Set(partners.values());
    if (!expected.open)
      for (const [i, { key, value }] of received.members.filter((one) => !taken.has(one)).entries()) {
        const shown = this.#came(value);
        this.#unexpected(path + step(key.text), shown);
        const comma = indent === undefined && (i > 0 || expected.members.length > 0) ? ", " : "";
        if (i === 0 && expected.members.length === 0) this.both(this.#template.source[at++] ?? "");
        this.#further(`${comma}${JSON.stringify(key.text)}: ${shown}`, indent);
      }
    this.both(this.#template.source.slice(at, this.#end(expected)));
  }

  /** Members with literal names first, then names with placeholders, each with the likest that is left. */
  #pairMembers(expected: readonly Member[], received: readonly Member[]): Map<Member, Member> {
    const free = new Set(received);
    const byName = new Map<string, Member[]>();
    for (const member of received) {
      const same = byName.get(member.key.text);
      if (same) same.push(member);
      else byName.set(member.key.text, [member]);
    }
    const pairs = new Map<Member, Member>();
    for (const member of expected) {
      const found = member.key.parts ? undefined : byName.get(member.key.text)?.shift();
      if (!found) continue;
      pairs.set(member, found);
      free.delete(found);
    }
    for (const member of expected) {
      if (!member.key.parts) continue;
      const fitting = [...free].filter((one) => this.#matchesKey(member, one));
      const found = fitting.find(({ value }) => this.#matches(member.value, value)) ?? fitting[0];
      if (!found) continue;
      pairs.set(member, found);
      free.delete(found);
    }
    return pairs;
  }

  #matchesKey({ key }: Member, received: Member): boolean {
    const asValue = (text: typeof key): Value => ({ ...text, start: 0, end: 0 });
    return this.#matches(asValue(key), asValue(received.key));
  }

  #array(expected: Value & { kind: "array" }, received: Value & { kind: "array" }, path: string): void {
    const items = received.items as readonly Value[];
    const isOpen = expected.items.includes("...");
    const written = expected.items.filter((item): item is Value => item !== "...");
    const partners = this.#pairItems(expected.items, items);
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
        this.#missing(this.#spell(item));
      } else this.value(item, items[partner]!, `${path}[${partner}]`);
      at = this.#end(item);
    }
    const taken = new Set(partners.values());
    if (!isOpen)
      for (const [i, item] of items.entries()) {
        if (taken.has(i)) continue;
        const shown = this.#came(item);
        this.#unexpected(`${path}[${i}]`, shown);
        if (written.length === 0 && at === expected.start) this.both(this.#template.source[at++] ?? "");
        const comma = indent === undefined && (written.length > 0 || i > 0) ? ", " : "";
        this.#further(comma + shown, indent);
      }
    this.both(this.#template.source.slice(at, this.#end(expected)));
  }

  /** The index of the received element that stands for a written one. */
  #pairItems(expected: readonly (Value | "...")[], received: readonly Value[]): Map<Value, number> {
    const pairs = new Map<Value, number>();
    const open = expected.indexOf("...");
    const isPair = (item: Value | "..." | undefined, at: number) =>
      item !== undefined && item !== "..." && received[at] !== undefined && this.#matches(item, received[at]);
    let start = 0;
    while (isPair(expected[start], start)) pairs.set(expected[start] as Value, start++);
    let end = 0;
    while (
      end < Math.min(expected.length, received.length) - start &&
      isPair(expected.at(-1 - end), received.length - 1 - end)
    ) {
      pairs.set(expected.at(-1 - end) as Value, received.length - 1 - end);
      end++;
    }
    let at = start;
    for (const item of expected.slice(start, expected.length - end)) {
      if (item === "...") continue;
      const until = received.length - end;
      let found = at;
      if (open >= 0 && open < expected.indexOf(item)) {
        while (found < until && !isPair(item, found)) found++;
        // After the last "..." an element that differs is told by its place from the end.
        if (found >= until && expected.lastIndexOf("...") < expected.indexOf(item))
          found = Math.max(at, received.length - (expected.length - expected.indexOf(item)));
      }
      if (found >= until) continue;
      pairs.set(item, found);
      at = found + 1;
    }
    return pairs;
  }
}

const step = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`);
