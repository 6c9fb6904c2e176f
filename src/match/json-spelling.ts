/** The source of JSON values, for people. */
import { type ByteString, decodeText } from "../base/bytes.ts";
import type { Value } from "./json-reader.ts";
import { type Placeholder, readPlaceholder } from "./parts.ts";

/** The value of a placeholder; undefined where its name is free. */
type LookUp = (placeholder: Placeholder) => ByteString | undefined;

/** The text of a value. The reader counts the white space after an object or an array as part of it. */
export const textOf = (source: string, value: Value): string => source.slice(value.start, value.end).trimEnd();

const endOf = (source: string, value: Value): number => value.start + textOf(source, value).length;

/** Without line breaks, and without white space outside of strings. */
export const onOneLine = (source: string): string =>
  source.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (part) => (part[0] === '"' ? part : /[\r\n]/.test(part) ? " " : part));

/** The values right within a value. */
function valuesIn(value: Value): readonly Value[] {
  if (value.kind === "object") return value.members.map((member) => member.value);
  return value.kind === "array" ? value.items.filter((item): item is Value => item !== "...") : [];
}

export function placeholdersIn(value: Value): readonly Placeholder[] {
  if (value.kind === "placeholder") return [value.placeholder];
  if (value.kind === "string") return value.parts?.filter((part) => part.kind === "placeholder") ?? [];
  return valuesIn(value).flatMap(placeholdersIn);
}

/** A written value, with what bound placeholders stand for. */
export function spellValue(source: string, value: Value, lookUp: LookUp): string {
  if (value.kind === "placeholder") {
    const bound = lookUp(value.placeholder);
    return bound === undefined ? textOf(source, value) : decodeText(bound);
  }
  if (value.kind === "string") return value.parts ? spellString(textOf(source, value), lookUp) : textOf(source, value);
  let text = "";
  let at = value.start;
  for (const inner of valuesIn(value)) {
    text += source.slice(at, inner.start) + spellValue(source, inner, lookUp);
    at = endOf(source, inner);
  }
  return text + source.slice(at, endOf(source, value));
}

function spellString(written: string, lookUp: LookUp): string {
  let text = "";
  let from = 0;
  for (let at = written.indexOf("{{"); at >= 0; at = written.indexOf("{{", Math.max(at + 1, from))) {
    const found = written[at - 1] === "\\" ? undefined : readPlaceholder(written, at, 0);
    const bound = found && lookUp(found.part);
    if (bound === undefined) continue;
    text += written.slice(from, at) + JSON.stringify(decodeText(bound)).slice(1, -1);
    from = found!.end;
  }
  return text + written.slice(from);
}
