/** Lines of a reply to a value, in one pass: each line belongs to the aggregate that its number stands under. */
import type { ByteString } from "../../base/bytes.ts";
import type { OutgoingLine } from "../codec.ts";
import { LineError } from "../errors.ts";
import { scalarOf, textOf } from "./texts.ts";
import { isAggregate, type RespValue, type Scalar } from "./value.ts";

const LABEL = /( *)(\d+)([)~#|]) /y;
const KINDS = { ")": "array", "~": "set", "#": "map", "|": "attributes" } as const;
const ARROW = " => ";
/** Aggregates in one another; a text that looks like more of them is a text. */
const MAX_DEPTH = 128;
const QUOTED = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;

/** A number in front of an element: where it stands, its value, and where the text after it begins. */
export interface Label {
  readonly number: number;
  /** With the spaces before the number. */
  readonly width: number;
  readonly separator: keyof typeof KINDS;
  readonly end: number;
}

export function labelAt(text: ByteString, at: number): Label | undefined {
  LABEL.lastIndex = at;
  const match = LABEL.exec(text);
  if (!match) return undefined;
  const [, spaces, digits, separator] = match;
  const width = spaces!.length + digits!.length;
  return { number: Number(digits), width, separator: separator as keyof typeof KINDS, end: LABEL.lastIndex };
}

/** Where a text ends: at the end of the line, before ` => `, and whether it may go on over further lines. */
interface Place {
  readonly isKey: boolean;
  readonly isOpen: boolean;
}

export class ReplyReader {
  readonly #lines: readonly OutgoingLine[];
  readonly #hasTexts: boolean;
  #line: number;
  #column = 0;
  #depth = 0;

  constructor(lines: readonly OutgoingLine[], from: number, hasTexts: boolean) {
    this.#lines = lines;
    this.#line = from;
    this.#hasTexts = hasTexts;
  }

  get end(): number {
    return this.#line;
  }

  read(): RespValue {
    return this.#value(0, { isKey: false, isOpen: true });
  }

  get #text(): ByteString {
    return this.#lines[this.#line]?.bytes ?? "";
  }

  /** A value that begins here; its further lines begin after so many spaces. */
  #value(indent: number, place: Place): RespValue {
    const label = this.#depth < MAX_DEPTH ? labelAt(this.#text, this.#column) : undefined;
    if (!label || !this.#isFirst(label)) return this.#scalar(place);
    const [line, column] = [this.#line, this.#column];
    this.#depth++;
    const value = this.#aggregate(label, indent, place);
    this.#depth--;
    if (value) return value;
    this.#line = line;
    this.#column = column;
    return this.#scalar(place);
  }

  /** Undefined: its number is as wide as that of a longer aggregate, so that the line is a text that looks like one. */
  #aggregate(label: Label, indent: number, place: Place): RespValue | undefined {
    const line = this.#line;
    const elements = this.#elements(label, indent, place);
    const count = label.separator === "#" || label.separator === "|" ? elements.length / 2 : elements.length;
    if (String(count).length !== label.width && this.#line <= line + 1) return undefined;
    const kind = KINDS[label.separator];
    if (kind !== "attributes") return { kind, elements, attributes: undefined };
    if (this.#line >= this.#lines.length)
      throw new LineError(this.#lines[line]!, "the value that these attributes are about has to follow");
    this.#column = indent;
    return { ...this.#value(indent, place), attributes: elements };
  }

  #isFirst({ number, separator, end }: Label): boolean {
    if (number !== 1) return false;
    const isMap = separator === "#" || separator === "|";
    return !isMap || this.#text.includes(ARROW, end) || labelAt(this.#text, end)?.number === 1;
  }

  #elements(first: Label, indent: number, place: Place): readonly RespValue[] {
    const elements: RespValue[] = [];
    const isMap = first.separator === "#" || first.separator === "|";
    const within = indent + first.width + 2;
    const inner = { ...place, isOpen: place.isOpen && first.separator !== "|" };
    for (let label: Label | undefined = first; label; label = this.#next(first, indent, elements, isMap)) {
      this.#column = label.end;
      if (isMap) {
        elements.push(this.#value(within, { isKey: true, isOpen: false }));
        elements.push(this.#mapValue(within, inner));
      } else elements.push(this.#value(within, inner));
    }
    return elements;
  }

  /** The number of the next element; undefined where the line does not go on with one. */
  #next(first: Label, indent: number, elements: readonly RespValue[], isMap: boolean): Label | undefined {
    // Within a line it is ` => ` that comes next.
    if (this.#column > 0 || this.#line >= this.#lines.length) return undefined;
    if (this.#text.search(/[^ ]|$/) < indent) return undefined;
    const label = labelAt(this.#text, indent);
    const count = isMap ? elements.length / 2 : elements.length;
    const isNext = label?.number === count + 1 && label.width === first.width && label.separator === first.separator;
    return isNext ? label : undefined;
  }

  /** After a key: a value that takes several lines begins on the next one. */
  #mapValue(within: number, place: Place): RespValue {
    if (this.#column === 0) throw new LineError(this.#lines[this.#line - 1]!, `a key has no value: " => " is missing`);
    const next = this.#lines[this.#line + 1]?.bytes ?? "";
    const isBelow = this.#column === this.#text.length && next.search(/[^ ]|$/) >= within;
    if (isBelow && labelAt(next, within)?.number === 1) {
      this.#line++;
      this.#column = within;
    }
    return this.#value(within, place);
  }

  #scalar({ isKey, isOpen }: Place): RespValue {
    const text = isKey ? this.#key() : this.#text.slice(this.#column);
    if (!isKey) this.#nextLine();
    const value = scalarOf(text);
    if (!isOpen || !this.#hasTexts || !isTextual(value)) return value;
    const texts = [value.text];
    while (this.#line < this.#lines.length && !labelAt(this.#text, 0)) {
      texts.push(this.#text);
      this.#nextLine();
    }
    return textOf(texts, value.kind === "error" ? "error" : "simple");
  }

  /** The text up to ` => `, which is passed. */
  #key(): ByteString {
    const from = this.#column;
    QUOTED.lastIndex = from;
    const quoted = QUOTED.exec(this.#text)?.[0].length ?? 0;
    const arrow = this.#text.indexOf(ARROW, from + (this.#text.startsWith(ARROW, from + quoted) ? quoted : 0));
    if (arrow < 0) {
      const text = this.#text.slice(from);
      this.#nextLine();
      return text;
    }
    this.#column = arrow + ARROW.length;
    return this.#text.slice(from, arrow);
  }

  #nextLine(): void {
    this.#line++;
    this.#column = 0;
  }
}

const isTextual = (value: RespValue): value is Scalar =>
  !isAggregate(value) && (value.kind === "simple" || value.kind === "verbatim" || value.kind === "error");
