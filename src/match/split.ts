/**
 * Shares a text out among several placeholders: the earlier ones take the shortest text, and decide first. Linear in the
 * text: what stands between placeholders is searched for where types leave no choice; else places are marked, and for
 * expressions an automaton decides.
 */
import { type ByteString, decodeText } from "../base/bytes.ts";
import { Automaton } from "./automaton.ts";
import type { Capture } from "./capture-values.ts";
import { sizeAt } from "./characters.ts";
import { type CharacterClass, splitByClasses } from "./class-split.ts";
import type { Part, Placeholder, PlaceholderType } from "./parts.ts";
import { ProgramBuilder } from "./program.ts";

/**
 * Text, and a placeholder after each but the last: `texts` has one more than `free`. The second use of a name may be any
 * text here; what the first one took tells.
 */
export interface Shape {
  readonly texts: readonly ByteString[];
  readonly free: readonly Placeholder[];
}

/** So many marks are made at most: they take a byte each. */
const MOST_MARKS = 1 << 28;

/** The value of each placeholder; undefined where they do not match. The bytes begin and end with the outer texts. */
export function split(bytes: ByteString, shape: Shape): readonly ByteString[] | undefined {
  if (isPlain(shape)) return splitLeftmost(bytes, shape);
  const classes = shape.free.map(({ type }) => classOf(type)).filter((one) => one !== undefined);
  return classes.length === shape.free.length && classes.length * bytes.length <= MOST_MARKS
    ? splitByClasses(bytes, shape.texts, classes)
    : splitByProgram(bytes, shape);
}

const always = (): boolean => true;
const TEXT: CharacterClass = { pieces: [{ test: always, least: 1, most: Number.POSITIVE_INFINITY }], whole: /^[\s\S]/ };
const ANY: CharacterClass = { pieces: [{ test: always, least: 0, most: Number.POSITIVE_INFINITY }], whole: /^/ };

/** Undefined where a type is more than characters of certain classes. */
function classOf(type: PlaceholderType): CharacterClass | undefined {
  if (type.kind === "text") return TEXT;
  if (type.kind === "any") return ANY;
  return type.kind === "class" ? type : undefined;
}

/** Whether no type restricts what the placeholders take, and no text between them begins or ends within a character. */
const isPlain = ({ texts, free }: Shape): boolean =>
  free.every(({ type }) => type.kind === "text" || type.kind === "any") &&
  texts.every((text) => /^[\x00-\x7f]*$/.test(text) || !/[\udc80-\udcff]/.test(decodeText(text)));

/** Each text at its first possible place: the shortest for every placeholder, and the most room for what follows. */
function splitLeftmost(bytes: ByteString, { texts, free }: Shape): readonly ByteString[] | undefined {
  const values: ByteString[] = [];
  const end = bytes.length - texts.at(-1)!.length;
  let from = texts[0]!.length;
  for (const [i, { type }] of free.entries()) {
    const least = from + (type.kind === "any" ? 0 : sizeAt(bytes, from));
    const text = texts[i + 1]!;
    const at = i === free.length - 1 ? end : bytes.indexOf(text, least);
    if (at < least || at + (i === free.length - 1 ? 0 : text.length) > end) return undefined;
    values.push(bytes.slice(from, at));
    from = at + text.length;
  }
  return values;
}

function splitByProgram(bytes: ByteString, { texts, free }: Shape): readonly ByteString[] | undefined {
  const builder = new ProgramBuilder();
  const parts = texts.flatMap((text, i): readonly Part[] => {
    // The number tells the captures apart: a name may be there twice.
    const placeholder = free[i] && { ...free[i], name: String(i), filter: undefined };
    return placeholder ? [{ kind: "text", bytes: text }, placeholder] : [{ kind: "text", bytes: text }];
  });
  builder.items(parts, "text");
  const automaton = new Automaton(builder.end(), true);
  automaton.append(bytes);
  automaton.close();
  automaton.start();
  while (automaton.at < automaton.length && automaton.threads.length > 0) automaton.step();
  if (automaton.at < automaton.length || !automaton.accepted) return undefined;
  const values: ByteString[] = [];
  for (let at: Capture | undefined = automaton.accepted.captures; at; at = at.before)
    values[Number(at.name)] = automaton.valueOf(at);
  return values;
}
