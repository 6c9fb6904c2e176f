import { BytesMatcher } from "./bytes.ts";
import { FixedLinesMatcher } from "./fixed-lines.ts";
import { LinesMatcher } from "./lines.ts";
import type { Matcher } from "./matcher.ts";
import type { LinePattern } from "./pattern.ts";
import type { EndingRules } from "./text.ts";
import type { Scope } from "./variables.ts";

const isBytewise = ({ ending }: LinePattern): boolean => ending === "none";
const comesOnce = (pattern: LinePattern): boolean =>
  pattern.repeat === "once" && pattern.body.kind !== "ellipsis" && !isBytewise(pattern);

/** The matcher for lines in their order: the simplest one that can match them. */
export function matchInOrder(expects: readonly LinePattern[], scope: Scope, rules: EndingRules): Matcher {
  if (!rules.endKnown && expects.every(comesOnce)) return new FixedLinesMatcher(expects, scope, rules);
  return new (expects.some(isBytewise) ? BytesMatcher : LinesMatcher)(expects, scope, rules);
}
