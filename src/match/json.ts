/**
 * Compares JSON with what a document writes: member order and white space do not count, numbers compare by value.
 *
 * Non-goals: it builds no JavaScript values, and says nothing about style.
 */
import { type ByteString, decodeText, encodeText } from "../base/bytes.ts";
import { assign } from "./assignment.ts";
import { boundValue, type Captured, capture, lookUp } from "./captures.ts";
import { matchParts } from "./fit.ts";
import {
  type JsonDocument,
  type JsonTemplate,
  type Member,
  parseJson,
  type StringValue,
  type Value,
} from "./json-reader.ts";
import type { Part, Placeholder } from "./parts.ts";
import type { Scope } from "./variables.ts";

/** Where two JSON texts differ: a path like `$.user.id`, what is wrong there, and the offset in the template's source. */
export interface JsonDifference {
  readonly path: string;
  readonly message: string;
  readonly offset: number;
}

/** Compares a received text with a template: what was captured, or where they differ. */
export function matchJson(
  template: JsonTemplate,
  received: JsonDocument,
  scope: Scope,
  captured: Captured,
): Captured | JsonDifference {
  const comparison = new JsonComparison(received.source, scope, captured);
  return comparison.equal(template.root, received.root, "$") ? comparison.captured : comparison.difference!;
}

/** Whether what {@link matchJson} answered is a difference. */
export const isDifference = (result: Captured | JsonDifference): result is JsonDifference => "path" in result;

const KINDS = { object: "an object", array: "an array", string: "a string", number: "a number" } as const;

class JsonComparison {
  readonly #source: string;
  readonly #scope: Scope;
  captured: Captured;
  /** The last bound value that was read as JSON: it may be compared with each of many members. */
  #parsed: { readonly source: ByteString; readonly json: JsonDocument | undefined } | undefined;
  /** The first one found; the earlier ones of alternatives that were tried do not count. */
  difference: JsonDifference | undefined;

  constructor(source: string, scope: Scope, captured: Captured) {
    this.#source = source;
    this.#scope = scope;
    this.captured = captured;
  }

  #differ(expected: Value, path: string, message: string): false {
    this.difference ??= { path, message, offset: expected.start };
    return false;
  }

  #show(value: Value): string {
    const source = this.#source.slice(value.start, value.end);
    return source.length <= 60 ? source : `${source.slice(0, 57)}…`;
  }

  equal(expected: Value, received: Value, path: string): boolean {
    if (expected.kind === "placeholder") return this.#placeholder(expected, expected.placeholder, received, path);
    if (expected.kind !== received.kind) {
      const kind = expected.kind === "word" ? expected.word : KINDS[expected.kind];
      return this.#differ(expected, path, `expected ${kind}, got ${this.#show(received)}`);
    }
    switch (expected.kind) {
      case "number":
        return (
          expected.canonical === (received as typeof expected).canonical ||
          this.#differ(expected, path, `the number is ${this.#show(received)}`)
        );
      case "word":
        return (
          expected.word === (received as typeof expected).word ||
          this.#differ(expected, path, `it is ${this.#show(received)}`)
        );
      case "string":
        return (
          this.#string(expected, received as typeof expected) ||
          this.#differ(expected, path, `the string is ${this.#show(received)}`)
        );
      case "array":
        return this.#array(expected, received as typeof expected, path);
      case "object":
        return this.#object(expected, received as typeof expected, path);
      default:
        return expected satisfies never;
    }
  }

  #string(expected: StringValue, received: StringValue): boolean {
    if (expected.parts === undefined) return expected.text === received.text;
    const captured = matchParts(expected.parts, encodeText(received.text), this.#scope, this.captured);
    if (captured) this.captured = captured;
    return captured !== undefined;
  }

  #placeholder(expected: Value, placeholder: Placeholder, received: Value, path: string): boolean {
    const source: ByteString = encodeText(this.#source.slice(received.start, received.end));
    const bound = boundValue(placeholder, this.#scope, this.captured);
    if (bound !== undefined) {
      if (bound === source || (received.kind === "string" && encodeText(received.text) === bound)) return true;
      const value = this.#parse(bound);
      if (value && this.#sameValue(value, received)) return true;
      return this.#differ(
        expected,
        path,
        `it is ${this.#show(received)}, but {{${placeholder.name}}} is ${decodeText(bound)}`,
      );
    }
    const part: Part = placeholder;
    const captured = matchParts([part], source, this.#scope, this.captured);
    if (!captured) return this.#differ(expected, path, `${this.#show(received)} does not fit the placeholder`);
    this.captured = captured;
    return true;
  }

  #parse(bound: ByteString): JsonDocument | undefined {
    if (bound !== this.#parsed?.source) this.#parsed = { source: bound, json: parseJson(decodeText(bound)) };
    return this.#parsed.json;
  }

  #sameValue(value: JsonDocument, received: Value): boolean {
    return new JsonComparison(this.#source, this.#scope, this.captured).equal(value.root, received, "");
  }

  /** Members with literal names are matched first, then those whose names hold placeholders. */
  #object(expected: Value & { kind: "object" }, received: Value & { kind: "object" }, path: string): boolean {
    const free = new Set(received.members);
    const byName = groupByName(received.members);
    for (const [name, members] of groupByName(expected.members.filter(({ key }) => !key.parts)))
      if (!this.#assign(members, byName.get(name) ?? [], free, path)) return false;
    const others = expected.members.filter(({ key }) => key.parts);
    if (others.length > 0 && !this.#assign(others, [...free], free, path)) return false;
    if (expected.open || free.size === 0) return true;
    const [further] = free;
    return this.#differ(expected, path, `there is a further member ${JSON.stringify(further!.key.text)}`);
  }

  /** Gives each written member the first one that came whose name and value fit, so that all get one. */
  #assign(written: readonly Member[], came: readonly Member[], free: Set<Member>, path: string): boolean {
    if (written.length === 1 && came.length === 1 && !written[0]!.key.parts) {
      free.delete(came[0]!);
      return this.equal(written[0]!.value, came[0]!.value, `${path}${pathStep(came[0]!.key.text)}`);
    }
    const unfit = written.map(() => new Uint8Array(came.length));
    const fit = new Map<number, Captured>();
    const captured = (first: number, second: number): Captured | undefined => {
      const pair = first * came.length + second;
      const known = fit.get(pair);
      if (known || unfit[first]![second]) return known;
      const result = this.#try(written[first]!, came[second]!, path).captured;
      if (result) fit.set(pair, result);
      else unfit[first]![second] = 1;
      return result;
    };
    const before = this.captured;
    const given = assign(written.length, came.length, (first, second) => captured(first, second) !== undefined);
    for (const [i, member] of written.entries()) {
      const at = given[i];
      if (at === undefined) return this.#differAtMember(member, came, path);
      free.delete(came[at]!);
      const name = this.#take(captured(i, at)!, before);
      if (name !== undefined)
        return this.#differ(member.value, path, `{{${name}}} has another value in the member before`);
    }
    return true;
  }

  /** What a member would capture, and where it differs; undefined both where its name does. */
  #try(written: Member, came: Member, path: string): { captured?: Captured; difference?: JsonDifference } {
    const comparison = new JsonComparison(this.#source, this.#scope, this.captured);
    if (!comparison.#string(written.key, came.key)) return {};
    comparison.#parsed = this.#parsed;
    const isEqual = comparison.equal(written.value, came.value, `${path}${pathStep(came.key.text)}`);
    this.#parsed = comparison.#parsed;
    return isEqual ? { captured: comparison.captured } : { difference: comparison.difference! };
  }

  /** Adds what a member captured since `before`. Returns a name that has another value already. */
  #take(captured: Captured, before: Captured): string | undefined {
    if (captured === before) return undefined;
    const earlier = this.#take(captured.before!, before);
    if (earlier !== undefined) return earlier;
    const { name, value } = captured;
    const known = lookUp(name, NO_SCOPE, this.captured);
    if (known === undefined) this.captured = capture(this.captured, name, value);
    return known === undefined || known === value ? undefined : name;
  }

  /** A member is missing, or the only one of its name differs. */
  #differAtMember(member: Member, came: readonly Member[], path: string): false {
    const named = came.map((one) => this.#try(member, one, path)).filter((one) => one.captured || one.difference);
    if (named.length === 1 && named[0]!.difference) this.difference ??= named[0]!.difference;
    return this.#differ(
      member.value,
      path,
      `the member ${member.key.parts ? member.key.text : JSON.stringify(member.key.text)} is missing`,
    );
  }

  /** Elements in order; between two `...` each one takes the first elements that match, which leaves the most to the next. */
  #array(expected: Value & { kind: "array" }, received: Value & { kind: "array" }, path: string): boolean {
    const items = received.items as readonly Value[];
    const segments: Value[][] = [[]];
    for (const item of expected.items) {
      if (item === "...") segments.push([]);
      else segments.at(-1)!.push(item);
    }
    const matchAt = (segment: readonly Value[], at: number): boolean =>
      segment.every((value, i) => this.equal(value, items[at + i]!, `${path}[${at + i}]`));
    const first = segments[0]!;
    const last = segments.length > 1 ? segments.at(-1)! : [];
    const written = segments.reduce((sum, segment) => sum + segment.length, 0);
    if (items.length < written || (segments.length === 1 && items.length > written)) {
      return this.#differ(
        expected,
        path,
        `it has ${items.length} elements, expected ${segments.length > 1 ? "at least " : ""}${written}`,
      );
    }
    if (!matchAt(first, 0)) return false;
    let at = first.length;
    for (const segment of segments.slice(1, -1)) {
      for (; ; at++) {
        if (at + segment.length > items.length - last.length) {
          return this.#differ(segment[0] ?? expected, path, "no element matches here");
        }
        const before = { captured: this.captured, difference: this.difference };
        if (matchAt(segment, at)) break;
        ({ captured: this.captured, difference: this.difference } = before);
      }
      at += segment.length;
    }
    return matchAt(last, items.length - last.length);
  }
}

const NO_SCOPE: Scope = { get: () => undefined };

function groupByName(members: readonly Member[]): ReadonlyMap<string, readonly Member[]> {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const group = groups.get(member.key.text);
    if (group) group.push(member);
    else groups.set(member.key.text, [member]);
  }
  return groups;
}

/** A member's name in a path: `.name` or `["a name"]`. */
export const pathStep = (name: string): string =>
  /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
