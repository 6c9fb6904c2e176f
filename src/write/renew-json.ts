/**
 * JSON as the author wrote it, with what differs replaced by what came: the layout, placeholders that fit and `...` stay
 * (format guide, section 7).
 */
import { decodeText, escapeInvisible } from "../base/bytes.ts";
import { boundValue, type Captured } from "../match/captures.ts";
import { isDifference, matchJson } from "../match/json.ts";
import { pairItems, pairMembers } from "../match/json-pairs.ts";
import { type JsonDocument, type JsonTemplate, parseJsonTemplate, type Value } from "../match/json-reader.ts";
import { onOneLine, placeholdersIn, textOf } from "../match/json-spelling.ts";
import { type Part, type Placeholder, readPlaceholder } from "../match/parts.ts";
import { placesOf } from "../match/spelling.ts";
import type { Scope } from "../match/variables.ts";

/** The text of a template that matches what came. */
export function renewJson(
  template: JsonTemplate,
  received: JsonDocument,
  scope: Scope,
  captured: Captured,
): { readonly text: string; readonly captured: Captured } {
  const renewer = new Renewer(template, received, scope, captured);
  const { source, root } = template;
  const text = source.slice(0, root.start) + renewer.value(root, received.root) + source.slice(endOf(source, root));
  return { text, captured: renewer.captured };
}

const endOf = (source: string, value: Value): number => value.start + textOf(source, value).length;

/** A member or an element, or `...`: what is written for it, and what stood between it and the one before. */
interface Entry {
  readonly text: string;
  readonly gap: string | undefined;
}

/** The place of a member, an element or `...` in the template. */
interface Place {
  readonly from: number;
  readonly to: number;
}

class Renewer {
  readonly #template: JsonTemplate;
  readonly #received: JsonDocument;
  readonly #scope: Scope;
  captured: Captured;

  constructor(template: JsonTemplate, received: JsonDocument, scope: Scope, captured: Captured) {
    this.#template = template;
    this.#received = received;
    this.#scope = scope;
    this.captured = captured;
  }

  /** Whether a value matches; keeps what it captures. */
  readonly #matches = (expected: Value, received: Value): boolean => {
    const template = { ...this.#template, root: expected };
    const result = matchJson(template, { ...this.#received, root: received }, this.#scope, this.captured);
    if (isDifference(result)) return false;
    this.captured = result;
    return true;
  };

  value(expected: Value, received: Value): string {
    if (this.#matches(expected, received)) return textOf(this.#template.source, expected);
    if (expected.kind === "object" && received.kind === "object") return this.#object(expected, received);
    if (expected.kind === "array" && received.kind === "array") return this.#array(expected, received);
    return this.#withNames(expected, received) ?? this.#came(received);
  }

  /** A value that differs, with the names that still have a place in it. */
  #withNames(expected: Value, received: Value): string | undefined {
    const known = (one: Placeholder): string | undefined => {
      const value = boundValue(one, this.#scope, this.captured);
      return value === undefined ? undefined : decodeText(value);
    };
    const text =
      expected.kind === "placeholder"
        ? anyValue(expected.placeholder)
        : expected.kind === "string" && expected.parts && received.kind === "string"
          ? stringWithNames(textOf(this.#template.source, expected), expected.parts, received.text, known)
          : undefined;
    const root = text === undefined ? undefined : parseJsonTemplate(text, 1).root;
    if (!root) return undefined;
    const template = { source: text!, root, placeholders: placeholdersIn(root) };
    const result = matchJson(template, { ...this.#received, root: received }, this.#scope, this.captured);
    if (isDifference(result)) return undefined;
    this.captured = result;
    return text;
  }

  #came(value: Value): string {
    return portable(onOneLine(textOf(this.#received.source, value)));
  }

  #object(expected: Value & { kind: "object" }, received: Value & { kind: "object" }): string {
    const { source } = this.#template;
    const partners = pairMembers(expected.members, received.members, this.#matches);
    const places: Place[] = [];
    let at = expected.start + 1;
    for (const { value } of expected.members) {
      const before = source.slice(at, value.start);
      places.push(...ellipses(before, at), { from: at + (KEY.exec(before)?.index ?? 0), to: endOf(source, value) });
      at = endOf(source, value);
    }
    const end = endOf(source, expected) - 1;
    places.push(...ellipses(source.slice(at, end), at));
    const written = new Map(expected.members.map((member) => [endOf(source, member.value), member]));
    const taken = new Set(partners.values());
    const further = received.members.filter((one) => !taken.has(one));
    return this.#layOut(
      expected.start,
      end,
      places,
      ({ from, to }) => {
        const member = written.get(to);
        const partner = member && partners.get(member);
        if (!member) return source.slice(from, to);
        return partner && source.slice(from, member.value.start) + this.value(member.value, partner.value);
      },
      expected.open
        ? []
        : further.map(({ key, value }) => ({
            text: `${portable(JSON.stringify(key.text))}: ${this.#came(value)}`,
            before: places.length,
          })),
    );
  }

  #array(expected: Value & { kind: "array" }, received: Value & { kind: "array" }): string {
    const { source } = this.#template;
    const items = received.items as readonly Value[];
    const partners = pairItems(expected.items, items, this.#matches);
    const places: Place[] = [];
    let at = expected.start + 1;
    for (const item of expected.items) {
      if (item === "...") continue;
      places.push(...ellipses(source.slice(at, item.start), at), { from: item.start, to: endOf(source, item) });
      at = endOf(source, item);
    }
    const end = endOf(source, expected) - 1;
    places.push(...ellipses(source.slice(at, end), at));
    const written = new Map(
      expected.items.flatMap((item) => (item === "..." ? [] : [[endOf(source, item), item] as const])),
    );
    const taken = new Set(partners.values());
    const further = expected.items.includes("...") ? [] : [...items.keys()].filter((i) => !taken.has(i));
    const placeAfter = (i: number): number => {
      const at = places.findIndex(({ to }) => (partners.get(written.get(to)!) ?? -1) > i);
      return at < 0 ? places.length : at;
    };
    return this.#layOut(
      expected.start,
      end,
      places,
      ({ from, to }) => {
        const item = written.get(to);
        if (!item) return source.slice(from, to);
        const partner = partners.get(item);
        return partner === undefined ? undefined : this.value(item, items[partner]!);
      },
      further.map((i) => ({ text: this.#came(items[i]!), before: placeAfter(i) })),
    );
  }

  /**
   * Entries with the white space that the author put between them.
   * @param start where the bracket stands. @param end where the closing one stands.
   * @param write the text of an entry; undefined where nothing came for it.
   * @param further entries that are not written, each with the index of the place that it stands before.
   */
  #layOut(
    start: number,
    end: number,
    places: readonly Place[],
    write: (place: Place) => string | undefined,
    further: readonly { readonly text: string; readonly before: number }[],
  ): string {
    const { source } = this.#template;
    const lead = source.slice(start + 1, places[0]?.from ?? end);
    const usual = places.length > 1 ? source.slice(places.at(-2)!.to, places.at(-1)!.from) : undefined;
    const gap = usual ?? (lead.includes("\n") ? `,${lead}` : ", ");
    const furtherBefore = (i: number): readonly Entry[] =>
      further.filter(({ before }) => before === i).map(({ text }) => ({ text, gap }));
    const entries: Entry[] = [];
    for (const [i, place] of places.entries()) {
      entries.push(...furtherBefore(i));
      const text = write(place);
      const own = i === 0 ? undefined : source.slice(places[i - 1]!.to, place.from);
      if (text !== undefined) entries.push({ text, gap: own });
    }
    entries.push(...furtherBefore(places.length));
    const open = source[start]!;
    const close = source[end]!;
    if (entries.length === 0) return open + close;
    const tail = source.slice(places.at(-1)?.to ?? end, end);
    const all = entries.map(({ text, gap: own }, i) => (i === 0 ? text : (own ?? gap) + text)).join("");
    return open + (places.length === 0 ? "" : lead) + all + tail + close;
  }
}

/** A name stays although its value is of another type now. */
const anyValue = ({ name, filter }: Placeholder): string | undefined =>
  name === "_" || filter ? undefined : `{{${name}}}`;

/** @param source the written string, with its quotes. */
function stringWithNames(
  source: string,
  parts: readonly Part[],
  came: string,
  known: (placeholder: Placeholder) => string | undefined,
): string | undefined {
  const places = placesOf(parts, came, known);
  if (places.size === 0) return undefined;
  const sources = [...source.matchAll(/(?<!\\)\{\{/g)].flatMap(({ index }) => {
    const found = readPlaceholder(source, index, 0);
    return found ? [source.slice(index, found.end)] : [];
  });
  const write = (text: string): string => portable(JSON.stringify(text)).slice(1, -1);
  let text = "";
  let from = 0;
  for (const [i, part] of parts.filter((one) => one.kind === "placeholder").entries()) {
    const place = places.get(part);
    if (!place || sources[i] === undefined) continue;
    text += write(came.slice(from, place.from)) + sources[i];
    from = place.to;
  }
  return `"${text}${write(came.slice(from))}"`;
}

const KEY = /"(?:[^"\\]|\\.)*"\s*:\s*$/;

/** The places of `...` between two entries. */
const ellipses = (gap: string, at: number): readonly Place[] => {
  // A key comes after it, whose text may hold the same.
  const key = KEY.exec(gap)?.index ?? gap.length;
  return [...gap.slice(0, key).matchAll(/\.\.\./g)].map(({ index }) => ({ from: at + index, to: at + index + 3 }));
};

/** JSON in which no string holds what would be a placeholder, or what cannot be seen. */
const portable = (source: string): string =>
  source.replace(/"(?:[^"\\]|\\.)*"/g, (text) => {
    if (escapeInvisible(text) === text && !text.includes("{{")) return text;
    const units = (char: string): string =>
      char.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
    return text
      .replaceAll("{{", "{\\u007b")
      .replace(/[^ -~]/gu, (char) => (escapeInvisible(char) === char ? char : units(char)));
  });
