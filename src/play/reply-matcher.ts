/** What matches a written reply: the dialect's own matcher, else one for lines in their order or in any order. */
import type { Reading } from "../dialects/dialect.ts";
import { matchInOrder } from "../match/in-order.ts";
import type { Matcher } from "../match/matcher.ts";
import type { LinePattern } from "../match/pattern.ts";
import { UnorderedMatcher } from "../match/unordered.ts";
import type { Scope } from "../match/variables.ts";
import type { PlannedExample } from "../plan/planned.ts";
import { optionsOf } from "../plan/settings.ts";

/** @param isAnswer whether the reply answers what was sent with it. */
export function replyMatcher(
  reading: Reading | undefined,
  expects: readonly LinePattern[],
  { dialect, settings }: PlannedExample,
  scope: Scope,
  isAnswer: boolean,
): Matcher {
  const { eol, unordered } = settings;
  if (reading?.matcher) {
    const context = { eol, unordered, options: optionsOf(dialect, settings), isAnswer };
    return reading.matcher(expects, scope, context);
  }
  const rules = { eol, endingOptional: false };
  return unordered ? new UnorderedMatcher(expects, scope, rules) : matchInOrder(expects, scope, rules);
}
