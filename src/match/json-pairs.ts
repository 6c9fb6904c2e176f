/**
 * Which received member or element stands for which written one, for people.
 *
 * Non-goals: it does not decide whether a reply matches.
 */
import type { Captured } from "./captures.ts";
import { isDifference, matchJson } from "./json.ts";
import type { JsonDocument, JsonTemplate, Member, Value } from "./json-reader.ts";
import type { Scope } from "./variables.ts";

export class JsonPairs {
  readonly #template: JsonTemplate;
  readonly #document: JsonDocument;
  readonly #scope: Scope;
  #captured: Captured;

  constructor(template: JsonTemplate, document: JsonDocument, scope: Scope, captured: Captured) {
    this.#template = template;
    this.#document = document;
    this.#scope = scope;
    this.#captured = captured;
  }

  /** What the values that matched have captured. */
  get captured(): Captured {
    return this.#captured;
  }

  /** Whether a value matches; keeps what it captures. */
  matches(expected: Value, received: Value): boolean {
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

  /** The received members by their written ones. Literal names come first; a placeholder's name prefers a value that matches. */
  ofMembers(expected: readonly Member[], received: readonly Member[]): Map<Member, Member> {
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
      const found = fitting.find(({ value }) => this.matches(member.value, value)) ?? fitting[0];
      if (!found) continue;
      pairs.set(member, found);
      free.delete(found);
    }
    return pairs;
  }

  #matchesKey({ key }: Member, received: Member): boolean {
    const asValue = (text: typeof key): Value => ({ ...text, start: 0, end: 0 });
    return this.matches(asValue(key), asValue(received.key));
  }

  /** The indexes of the received elements by their written ones. */
  ofItems(expected: readonly (Value | "...")[], received: readonly Value[]): Map<Value, number> {
    const pairs = new Map<Value, number>();
    const open = expected.indexOf("...");
    const isPair = (item: Value | "..." | undefined, at: number) =>
      item !== undefined && item !== "..." && received[at] !== undefined && this.matches(item, received[at]);
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
