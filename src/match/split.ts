/**
 * Shares a text among several placeholders: each takes the shortest text, the earlier ones deciding first, as long as what
 * follows can still match. Linear in the text.
 */
import { type ByteString, decodeText } from "../base/bytes.ts";
import { Automaton } from "./automaton.ts";
import type { Capture } from "./capture-values.ts";
import { sizeAt } from "./characters.ts";
import type { Part, Placeholder } from "./parts.ts";
import { type Program, ProgramBuilder } from "./program.ts";
import { SplitTable } from "./split-table.ts";

/**
 * Text, and a placeholder after each but the last: `texts` has one more than `free`. The second use of a name may be any
 * text here; what the first one took tells.
 */
export interface Shape {
  readonly texts: readonly ByteString[];
  readonly free: readonly Placeholder[];
}

/** What each placeholder takes; undefined where the text does not match. `parts` are those of which the shape was made. */
export function split(bytes: ByteString, shape: Shape, parts: readonly Part[]): readonly ByteString[] | undefined {
  return isPlain(shape) ? splitLeftmost(bytes, shape) : splitTyped(bytes, shape, parts);
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

/** What has been made for the parts of a written line, as long as the names in it have the same values. */
interface Prepared {
  readonly shape: Shape;
  readonly program: Program;
  table: SplitTable | undefined;
}

const prepared = new WeakMap<readonly Part[], Prepared>();

function prepare(shape: Shape, parts: readonly Part[]): Prepared {
  const known = prepared.get(parts);
  if (known && isSame(known.shape, shape)) return known;
  const program = programOf(shape);
  const made = { shape, program, table: SplitTable.takes(program) ? new SplitTable(program) : undefined };
  prepared.set(parts, made);
  return made;
}

const isSame = (one: Shape, other: Shape): boolean =>
  one.free.length === other.free.length &&
  one.free.every(({ type }, i) => type === other.free[i]!.type) &&
  one.texts.every((text, i) => text === other.texts[i]);

/** A text is single bytes as long as it is short. */
const LONGEST_TEXT = 100;

function programOf({ texts, free }: Shape): Program {
  const builder = new ProgramBuilder();
  const parts = texts.flatMap((text, i): readonly Part[] => {
    const bytes = text.length <= LONGEST_TEXT ? text.split("") : [text];
    const items = bytes.map((one): Part => ({ kind: "text", bytes: one }));
    // The number tells the captures apart: a name may be there twice.
    const placeholder = free[i] && { ...free[i], name: String(i), filter: undefined };
    return placeholder ? [...items, placeholder] : items;
  });
  builder.items(parts, "text");
  return builder.end();
}

function splitTyped(bytes: ByteString, shape: Shape, parts: readonly Part[]): readonly ByteString[] | undefined {
  const made = prepare(shape, parts);
  if (made.table)
    try {
      return made.table.split(bytes);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      made.table = undefined;
    }
  return splitByAutomaton(bytes, made.program);
}

function splitByAutomaton(bytes: ByteString, program: Program): readonly ByteString[] | undefined {
  const automaton = new Automaton(program, true);
  automaton.append(bytes);
  automaton.close();
  while (automaton.at < automaton.length && automaton.threads.length > 0) automaton.step();
  if (automaton.at < automaton.length || !automaton.accepted) return undefined;
  const values: ByteString[] = [];
  for (let at: Capture | undefined = automaton.accepted.captures; at; at = at.before)
    values[Number(at.name)] = automaton.valueOf(at);
  return values;
}
