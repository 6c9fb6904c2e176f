/**
 * The format guide's rules of matching, by brute force: all the ways in which written lines and what came can be lined up
 * are tried, the preferred ones first. It shares nothing with src/match but the reader of written lines.
 */
import { decodeText, encodeText } from "../../src/base/bytes.ts";
import type { ByteItem, Placeholder } from "../../src/match/parts.ts";
import type { LinePattern } from "../../src/match/pattern.ts";
import type { EndingRules } from "../../src/match/text.ts";

export type Bound = Readonly<Record<string, string>>;

/** How many bytes of what came are the reply, and what it captured. */
export interface LinedUp {
  readonly taken: number;
  readonly captures: Bound;
}

/** What the expressions of the tests match, in RE2's order with repetitions that take as little as they can. */
export const EXPRESSIONS: Readonly<Record<string, (text: string) => readonly string[]>> = {
  "ab|a": () => ["ab", "a"],
  "a|ab": () => ["a", "ab"],
  "a+": (text) => Array.from({ length: text.length }, (_, i) => "a".repeat(i + 1)),
  "(?:b|ba)a?": () => ["b", "ba", "ba", "baa"],
  ".": (text) => [...text].slice(0, 1),
  "[^a]*": (text) => [...text, ""].map((_, i) => [...text].slice(0, i).join("")).filter((one) => !one.includes("a")),
};

const CLASSES: Readonly<Record<string, RegExp>> = {
  int: /^[+-]?[0-9]+$/,
  word: /^[^\t\n\v\f\r ]+$/,
  hex: /^[0-9A-Fa-f]+$/,
  base64: /^[A-Za-z0-9+/]+={0,2}$/,
};

type Then = (at: number, bound: Bound) => LinedUp | undefined;

/** The characters of a text, as bytes; what is no UTF-8 is one byte each. */
const charactersOf = (bytes: string): readonly string[] => [...decodeText(bytes)].map(encodeText);

class LineUp {
  readonly #received: string;
  readonly #vars: Bound;
  readonly #rules: EndingRules;
  readonly #seen = new Set<string>();
  /** Whether `...` takes a line without its LF: where nothing else matches. */
  readonly #takesPiece: boolean;
  /** What lines before have bound. */
  readonly #before: Bound;
  /** With the bytes after those that are lined up: a character does not end before they are there. */
  readonly #all: string;
  /** What names that are used more than once in a run stand for, by name and run. */
  readonly #settled: Bound;
  #expects: readonly LinePattern[] = [];

  constructor(
    received: string,
    vars: Bound,
    rules: EndingRules,
    before: Bound = {},
    all: string = received,
    takesPiece = false,
    settled: Bound = {},
  ) {
    this.#settled = settled;
    this.#takesPiece = takesPiece;
    this.#received = received;
    this.#all = all;
    this.#before = before;
    this.#vars = vars;
    this.#rules = rules;
  }

  /** Whatever comes to one place of the reply at one byte first has it; the others could match no better. */
  #isFirst(...place: readonly (string | number)[]): boolean {
    const key = place.join();
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }

  /** Whether a name has a value before a run begins. */
  #isBoundBefore(place: string, { name }: Placeholder): boolean {
    const lines = this.#expects.slice(0, Number(place));
    return name in this.#vars || lines.some(({ placeholders }) => placeholders.some((one) => one.name === name));
  }

  lines(expects: readonly LinePattern[], i: number, at: number, bound: Bound, then: Then): LinedUp | undefined {
    if (!this.#isFirst("line", i, at)) return undefined;
    this.#expects = expects;
    const pattern = expects[i];
    if (!pattern) return then(at, bound);
    const next: Then = (end, all) => this.lines(expects, i + 1, end, all, then);
    const isEllipsis = pattern.body.kind === "ellipsis";
    const isAbsent = isEllipsis || pattern.repeat !== "once" ? next(at, bound) : undefined;
    if (isAbsent) return isAbsent;
    const behind: Then =
      isEllipsis || pattern.repeat === "any" ? (end, all) => this.lines(expects, i, end, all, then) : next;
    if (isEllipsis) {
      const lf = this.#received.indexOf("\n", at);
      if (lf >= 0) return this.#again(expects, i, lf + 1, bound, then);
      const isPiece = this.#takesPiece && at < this.#received.length && expects.at(-1)!.ending !== "none";
      return isPiece ? this.#again(expects, i, this.#received.length, bound, then) : undefined;
    }
    const { body } = pattern;
    if (pattern.ending === "none" && body.kind === "text" && !this.#hasFree(body.parts, bound))
      return this.#items(body.parts, `${i}`, 0, at, bound, "bytes", behind);
    if (body.kind === "bytes") return this.#items(body.items, `${i}`, 0, at, bound, "bytes", behind);
    return this.#line(pattern, at, bound, pattern.repeat === "any" ? this.#loop(expects, i, then) : behind);
  }

  /** A line that may come often: the place after it is the one before it. */
  #loop(expects: readonly LinePattern[], i: number, then: Then): Then {
    return (end, bound) => this.#again(expects, i, end, bound, then);
  }

  #again(expects: readonly LinePattern[], i: number, at: number, bound: Bound, then: Then): LinedUp | undefined {
    return this.lines(expects, i, at, bound, then);
  }

  #line(pattern: LinePattern, at: number, bound: Bound, then: Then): LinedUp | undefined {
    const lf = this.#received.indexOf("\n", at);
    const isTail = pattern.ending === "none";
    const isPiece = lf < 0 && at < this.#received.length && this.#rules.endingOptional;
    if (isTail ? lf >= 0 : lf < 0 && !isPiece) return undefined;
    if (lf < 0 && !isTail && pattern.ending !== "written") return undefined;
    const end = lf < 0 ? this.#received.length : lf + 1;
    const wanted = pattern.ending === "written" ? this.#rules.eol : pattern.ending;
    const crIsText = this.#rules.eol === "lf" && wanted !== "crlf";
    const isCrlf = lf > at && this.#received[lf - 1] === "\r" && !crIsText;
    const ending = lf < 0 ? "" : isCrlf ? "\r\n" : "\n";
    if (lf >= 0 && wanted !== "any" && ending !== (wanted === "crlf" ? "\r\n" : "\n")) return undefined;
    const text = this.#received.slice(at, end - ending.length);
    const body = pattern.body;
    if (body.kind !== "text") throw new Error("only texts here");
    const captures = new LineUp(text, this.#vars, this.#rules).#text(body.parts, bound);
    return captures && then(end, captures);
  }

  /** A whole text. A name that is there twice is compared with what it took first; then the others may take more. */
  #text(parts: readonly ByteItem[], bound: Bound): Bound | undefined {
    const length = this.#received.length;
    const found = new LineUp(this.#received, this.#vars, this.#rules, bound).#items(
      parts,
      "",
      0,
      0,
      {},
      "text",
      (at, all) => (at === length ? { taken: at, captures: all } : undefined),
    );
    if (!found) return undefined;
    const own: Record<string, string> = {};
    for (const [key, value] of Object.entries(found.captures)) {
      const name = key.replace(/#.*/, "");
      const first = own[name];
      if (first !== undefined && first !== value) return this.#text(parts, { ...bound, [name]: first });
      own[name] = value;
    }
    return { ...bound, ...own };
  }

  #items(
    items: readonly ByteItem[],
    place: string,
    i: number,
    at: number,
    bound: Bound,
    within: "bytes" | "text",
    then: Then,
  ): LinedUp | undefined {
    if (!this.#isFirst("item", place, i, at)) return undefined;
    const item = items[i];
    if (!item) return then(at, bound);
    const next: Then = (end, all) => this.#items(items, place, i + 1, end, all, within, then);
    const rest = this.#received.slice(at);
    if (item.kind === "byte") return rest === "" ? undefined : next(at + 1, bound);
    if (item.kind === "bytes") {
      for (let end = at; end <= this.#received.length; end++) {
        const found = next(end, bound);
        if (found) return found;
      }
      return undefined;
    }
    if (within === "bytes" && item.kind === "placeholder" && isOpen(items, i) && !this.#isBoundBefore(place, item)) {
      const { name } = item;
      const isFirst = items.findIndex((one) => one.kind === "placeholder" && one.name === name) === i;
      const settled = this.#settled[`${name}@${place}`];
      if (settled !== undefined) {
        const captured = isFirst ? { ...bound, [name]: settled } : bound;
        return rest.startsWith(settled) ? next(at + settled.length, captured) : undefined;
      }
      // How far it goes does not help to find the first use.
      if (!isFirst) {
        for (let end = at; end <= this.#received.length; end++) {
          const found = next(end, { ...bound, [`${name}@${place}#${i}`]: this.#received.slice(at, end) });
          if (found) return found;
        }
        return undefined;
      }
    }
    const value = item.kind === "text" ? item.bytes : this.#valueOf(item, within === "text" ? this.#before : bound);
    if (value !== undefined) return rest.startsWith(value) ? next(at + value.length, bound) : undefined;
    const isAgain = within === "text" && (item as Placeholder).name in bound && (item as Placeholder).name !== "_";
    const placeholder = isAgain ? { ...(item as Placeholder), type: { kind: "any" } as const } : (item as Placeholder);
    const mayCut = within === "bytes" && this.#cuts(items, i + 1, { ...bound, [placeholder.name]: "x" });
    for (const text of candidates(placeholder, rest, this.#all.slice(at), mayCut)) {
      const key = isAgain ? `${placeholder.name}#${i}` : placeholder.name;
      const found = next(at + text.length, placeholder.name === "_" ? bound : { ...bound, [key]: text });
      if (found) return found;
    }
    return undefined;
  }

  #hasFree(items: readonly ByteItem[], bound: Bound): boolean {
    return items.some((item) => item.kind === "placeholder" && this.#valueOf(item, bound) === undefined);
  }

  #valueOf({ name, filter }: Placeholder, bound: Bound): string | undefined {
    if (filter) throw new Error("no filters here");
    return this.#vars[name] ?? bound[name];
  }

  #cuts(items: readonly ByteItem[], i: number, bound: Bound): boolean {
    const item = items[i];
    if (!item || item.kind === "bytes") return false;
    if (item.kind === "text" && item.bytes === "") return this.#cuts(items, i + 1, bound);
    if (item.kind === "text" || item.kind === "byte") return true;
    return item.type.kind === "bytes" || (item.name !== "_" && (item.name in bound || item.name in this.#vars));
  }
}

/** Whether a name is used more than once in a run, and nothing but what comes tells its length. */
function isOpen(items: readonly ByteItem[], i: number): boolean {
  const { name } = items[i] as Placeholder;
  const uses = items.filter((one): one is Placeholder => one.kind === "placeholder" && one.name === name);
  return name !== "_" && uses.length > 1 && uses[0]!.type.kind !== "bytes";
}

/** The texts that a placeholder can take, in their order of preference. */
function candidates({ type }: Placeholder, rest: string, all: string, mayCut: boolean): readonly string[] {
  if (type.kind === "bytes") return rest.length < type.count ? [] : [rest.slice(0, type.count)];
  const characters = charactersOf(all);
  if (type.kind === "regex")
    return EXPRESSIONS[type.source]!(decodeText(rest))
      .map(encodeText)
      .filter((text) => rest.startsWith(text) && (text === "" || isWhole(characters, text)));
  return Array.from({ length: rest.length + 1 }, (_, i) => rest.slice(0, i)).filter((text) => {
    if (!mayCut && !isWhole(characters, text)) return false;
    if (type.kind === "text") return text !== "";
    return type.kind === "any" || CLASSES[type.name]!.test(text);
  });
}

const isWhole = (characters: readonly string[], text: string): boolean =>
  characters.some((_, i) => characters.slice(0, i).join("") === text) || characters.join("") === text;

/** Lines of bytes that follow each other are one run. */
function joinRuns(expects: readonly LinePattern[]): readonly LinePattern[] {
  const joined: LinePattern[] = [];
  for (const pattern of expects) {
    const items = itemsOf(pattern);
    const before = joined.at(-1) && itemsOf(joined.at(-1)!);
    if (items && before) joined.pop();
    joined.push(items ? { ...pattern, body: { kind: "bytes", items: [...(before ?? []), ...items] } } : pattern);
  }
  return joined;
}

function itemsOf({ body, ending, literal }: LinePattern): readonly ByteItem[] | undefined {
  if (body.kind === "bytes") return body.items;
  return body.kind === "text" && ending === "none" && literal !== undefined ? body.parts : undefined;
}

/** Lines up all of what came; without `whole` the first bytes of it that are a reply. */
export function lineUp(
  expects: readonly LinePattern[],
  received: string,
  vars: Bound,
  rules: EndingRules,
  whole: boolean,
): LinedUp | undefined {
  const joined = joinRuns(expects);
  for (let end = whole ? received.length : 0; end <= received.length; end++) {
    // Among lines the last one may lack its LF and is a line like the others.
    for (const takesPiece of joined.some(({ ending }) => ending === "none") ? [false, true] : [true]) {
      const found = settle(joined, received, end, vars, rules, takesPiece, {});
      if (found) return found;
    }
  }
  return undefined;
}

/** A name that a run uses again is compared with what it took first; then the others may take more. */
function settle(
  expects: readonly LinePattern[],
  received: string,
  end: number,
  vars: Bound,
  rules: EndingRules,
  takesPiece: boolean,
  settled: Bound,
): LinedUp | undefined {
  const lineUp = new LineUp(received.slice(0, end), vars, rules, {}, received, takesPiece, settled);
  const found = lineUp.lines(expects, 0, 0, {}, (at, captures) => (at === end ? { taken: at, captures } : undefined));
  if (!found) return undefined;
  const captures: Record<string, string> = {};
  for (const [key, value] of Object.entries(found.captures)) {
    const [use] = key.split("#");
    const name = use!.replace(/@.*/, "");
    if (use === key) captures[name] = value;
    // Also where it is the same: the others may take less then.
    else return settle(expects, received, end, vars, rules, takesPiece, { ...settled, [use!]: found.captures[name]! });
  }
  return { taken: found.taken, captures };
}
