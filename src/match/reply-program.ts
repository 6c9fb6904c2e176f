/** A written reply that holds runs of bytes as a program, its lines included (see bytes.ts). */
import { boundValue, NOTHING_CAPTURED } from "./captures.ts";
import type { Element } from "./elements.ts";
import type { ByteItem, Part } from "./parts.ts";
import type { LinePattern } from "./pattern.ts";
import { type Program, ProgramBuilder } from "./program.ts";
import { ENDINGS, type EndingRules } from "./text.ts";
import type { Scope } from "./variables.ts";

export function replyProgram(elements: readonly Element[], scope: Scope, rules: EndingRules): Program {
  const builder = new ProgramBuilder();
  for (const element of elements) {
    if (element.kind === "bytes") addBytes(builder, element.items, element.patterns, scope);
    else if (element.kind === "ellipsis") {
      builder.pattern = element.pattern;
      builder.repeated(() => builder.add("any line"));
    } else {
      const { pattern } = element;
      builder.pattern = pattern;
      const add = (): void => addLine(builder, pattern, scope, rules);
      if (pattern.repeat === "once") add();
      else if (pattern.repeat === "optional") builder.optional(add);
      else builder.repeated(add);
    }
  }
  builder.pattern = undefined;
  return builder.end();
}

/** The items of a run, each as part of its written line. */
function addBytes(
  builder: ProgramBuilder,
  items: readonly ByteItem[],
  patterns: readonly LinePattern[],
  scope: Scope,
): void {
  const known = items.map((item) => withValue(item, scope));
  let last = 0;
  builder.items(known, "bytes", (item) => {
    while (last < patterns.length - 1 && item >= itemsBefore(patterns, last + 1)) last++;
    builder.pattern = patterns[last];
  });
  builder.pattern = patterns.at(-1);
  builder.add("matched");
}

const itemsBefore = (patterns: readonly LinePattern[], count: number): number =>
  patterns
    .slice(0, count)
    .reduce(
      (sum, { body }) =>
        sum + (body.kind === "bytes" ? body.items.length : body.kind === "text" ? body.parts.length : 0),
      0,
    );

/** A name with a value stands for its bytes. */
function withValue<Item extends ByteItem>(item: Item, scope: Scope): Item | { kind: "text"; bytes: string } {
  const bytes = item.kind === "placeholder" ? boundValue(item, scope, NOTHING_CAPTURED) : undefined;
  return bytes === undefined ? item : { kind: "text", bytes };
}

function addLine(builder: ProgramBuilder, pattern: LinePattern, scope: Scope, rules: EndingRules): void {
  const isTail = pattern.ending === "none";
  const parts = compiledParts(pattern, scope);
  if (!parts) builder.add(isTail ? "tail" : "line");
  else {
    builder.items(parts, "line");
    if (!isTail)
      addEnding(
        builder,
        pattern,
        rules,
        parts.every((part) => part.kind === "text" && part.bytes === ""),
      );
  }
  for (const { name, filter } of pattern.placeholders) if (name !== "_" && !filter) builder.bound.add(name);
  for (const name of pattern.groups) builder.bound.add(name);
  builder.add("matched");
}

/** The parts of a line that is taken byte by byte; undefined where it is compared as a whole. */
function compiledParts({ body, beginning }: LinePattern, scope: Scope): readonly Part[] | undefined {
  if (body.kind !== "text" || beginning) return undefined;
  const parts = body.parts.map((part) => withValue(part, scope) as Part);
  const names = parts.flatMap((part) => (part.kind === "placeholder" && part.name !== "_" ? [part.name] : []));
  return new Set(names).size === names.length ? parts : undefined;
}

/** @param isEmpty whether the line has no text, so that a CR before its LF may be of what stands before the line. */
function addEnding(
  builder: ProgramBuilder,
  { ending }: LinePattern,
  { eol, endingOptional }: EndingRules,
  isEmpty: boolean,
): void {
  const wanted = ending === "written" ? eol : ending;
  if (wanted === "any") {
    const ways: number[] = [];
    builder.add("fork", { ways });
    ways.push(builder.here);
    builder.add("text", { bytes: "\r" });
    const crlf = builder.add("lf");
    ways.push(builder.here);
    // The 1 says that it may be left out at the end of all that comes.
    builder.add("lf", { alone: !isEmpty, count: endingOptional && !isEmpty ? 1 : 0 });
    crlf.next = builder.here;
  } else if (wanted === "crlf") builder.add("text", { bytes: ENDINGS.crlf });
  // Under `eol: lf` a CR belongs to the text.
  else builder.add("lf", { alone: eol !== "lf" && !isEmpty });
}
