/**
 * Short numbers that name something. A number like 7 may be anything, so only its place tells: `INSERTED 7`, then `delete 7`;
 * `"id": 7`, then `GET /items/7`; `rev: 7`, then `rev: 7`.
 */
import type { RecordedLine } from "./lines.ts";

/** Where a line has such a number. */
interface Spot {
  /** The field's name; empty for what follows a word of result. In a path any identifier may stand. */
  readonly key: string | undefined;
  readonly value: string;
  readonly at: number;
}

/** A number that no client said first. */
interface Known {
  readonly key: string;
  /** The lines that had it before it was captured. */
  readonly lines: RecordedLine[];
  name: string | undefined;
}

const NUMBER = String.raw`(\d{1,9})(?![\w.-])`;
/** `"id": 7`, `id=7`, `rev: 7`, with the field's name and the number. */
const FIELD = new RegExp(String.raw`\b([A-Za-z_]\w*)"?\s*[:=]\s*"?${NUMBER}`, "g");
/** The fields that name something. */
const NAMING = /(?:id|rev|version|cursor|seq|cas|token)$/i;
/** `INSERTED 7`, but not `WATCHING 2` and `KICKED 2`, which are numbers of things. */
const RESULT = /^(?![A-Z_]*ING |KICKED )[A-Z][A-Z_]{2,} (\d{1,9})(?= |$)/;
const ARGUMENT = /^[A-Za-z][a-z-]* (\d{1,9})(?= |$)/;
/** Commands whose first argument is an amount. */
const AMOUNT = /^(?:kick|\S*(?:timeout|wait|sleep|limit|count|expire)) /i;
const SEGMENT = /\/(\d{1,9})(?=[/?# ]|$)/g;
/** What a part of a path may be. */
const LOCATION = "location";
const IDENTIFYING = /^(?:|location|.*id)$/;
/** So many numbers are remembered. */
const MOST = 100_000;

export class Ids {
  /** By their numbers, in the order they came. */
  readonly #known = new Map<string, Known[]>();
  /** What clients said before any server did. */
  readonly #clients = new Set<string>();
  readonly #nameFor: (word: string) => string;
  #hasCaptured = false;

  /** @param nameFor a name that no capture has yet, like this word. */
  constructor(nameFor: (word: string) => string) {
    this.#nameFor = nameFor;
  }

  /** Replaces in a line what is captured. @returns whether an earlier line has changed. */
  read(line: RecordedLine): boolean {
    this.#hasCaptured = false;
    const spots = line.kind === "client" ? spotsOfClient(line.text) : spotsOfReply(line.text);
    for (const spot of spots.sort((a, b) => b.at - a.at)) {
      const name = line.kind === "client" ? this.#said(spot) : this.#replied(spot, line);
      if (name !== undefined) line.text = replaced(line.text, spot, `{{${name}}}`);
    }
    return this.#hasCaptured;
  }

  #replied({ key = "", value }: Spot, line: RecordedLine): string | undefined {
    const all = this.#known.get(value);
    // `INSERTED 7`, `delete 7`: a number of a result that a client has named is what `id: 7` says, too.
    const result = key === "id" ? all?.find((one) => one.key === "" && one.name !== undefined) : undefined;
    const known = result ?? all?.find((one) => one.key === key);
    if (known?.name === undefined && !this.#clients.has(`${key} ${value}`)) {
      if (known) known.lines.push(line);
      else this.#note(value, { key, lines: [line], name: undefined });
    }
    return known?.name;
  }

  #note(value: string, known: Known): void {
    const others = this.#known.get(value);
    if (others) others.push(known);
    else if (this.#known.size < MOST) this.#known.set(value, [known]);
  }

  #said({ key, value }: Spot): string | undefined {
    const isMeant = (known: Known): boolean => (key === undefined ? IDENTIFYING.test(known.key) : known.key === key);
    const meant = this.#known.get(value)?.filter(isMeant) ?? [];
    if (meant.length === 0) {
      if (this.#clients.size < MOST) this.#clients.add(`${key} ${value}`);
      return undefined;
    }
    return meant.find(({ name }) => name !== undefined)?.name ?? this.#capture(meant, value);
  }

  /** Captures a number where it came first. What a path names may have come under several names. */
  #capture(meant: readonly Known[], value: string): string {
    const name = this.#nameFor(meant.find(({ key }) => key !== LOCATION)?.key || "id");
    let written = `{{${name}:int}}`;
    for (const known of meant) {
      known.name = name;
      for (const line of known.lines.splice(0))
        for (;;) {
          const spot = spotsOfReply(line.text).find((one) => one.key === known.key && one.value === value);
          if (!spot) break;
          line.text = replaced(line.text, spot, written);
          written = `{{${name}}}`;
        }
    }
    this.#hasCaptured = true;
    return name;
  }
}

const replaced = (text: string, { at, value }: Spot, by: string): string =>
  text.slice(0, at) + by + text.slice(at + value.length);

function spotsOfReply(text: string): Spot[] {
  if (/^location:/i.test(text)) return [...text.matchAll(SEGMENT)].map((match) => spotAt(LOCATION, match));
  const result = RESULT.exec(text);
  return [...(result ? [spotAt("", result)] : []), ...fieldsOf(text)];
}

function spotsOfClient(text: string): Spot[] {
  const argument = AMOUNT.test(text) ? null : ARGUMENT.exec(text);
  const segments = /^[A-Z]+ \//.test(text) ? [...text.matchAll(SEGMENT)].map((match) => spotAt(undefined, match)) : [];
  return [...(argument ? [spotAt("", argument)] : []), ...segments, ...fieldsOf(text)];
}

const fieldsOf = (text: string): Spot[] =>
  [...text.matchAll(FIELD)]
    .filter(([, key]) => NAMING.test(key!))
    .map((match) => spotAt(match[1]!.toLowerCase(), match));

/** The number is the end of what matched. */
const spotAt = (key: string | undefined, match: RegExpExecArray | RegExpMatchArray): Spot => {
  const value = match.at(-1)!;
  return { key, value, at: match.index! + match[0].length - value.length };
};
