/** Which members and elements that came are shown beside which written ones. */
import type { Member, Value } from "./json-reader.ts";

/** Whether a value that came matches a written one; what it captures counts for the tests that follow. */
type ValueTest = (expected: Value, received: Value) => boolean;

/** Members with literal names first, then names with placeholders, each with the most similar one that is left. */
export function pairMembers(
  expected: readonly Member[],
  received: readonly Member[],
  matches: ValueTest,
): ReadonlyMap<Member, Member> {
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
    const fitting = [...free].filter((one) => matchesKey(member, one, matches));
    const found = fitting.find(({ value }) => matches(member.value, value)) ?? fitting[0];
    if (!found) continue;
    pairs.set(member, found);
    free.delete(found);
  }
  return pairs;
}

function matchesKey({ key }: Member, received: Member, matches: ValueTest): boolean {
  const asValue = (text: typeof key): Value => ({ ...text, start: 0, end: 0 });
  return matches(asValue(key), asValue(received.key));
}

/** The index of the received element that stands for a written one. */
export function pairItems(
  expected: readonly (Value | "...")[],
  received: readonly Value[],
  matches: ValueTest,
): ReadonlyMap<Value, number> {
  const pairs = new Map<Value, number>();
  const open = expected.indexOf("...");
  const isPair = (item: Value | "..." | undefined, at: number) =>
    item !== undefined && item !== "..." && received[at] !== undefined && matches(item, received[at]);
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
