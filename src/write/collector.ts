/** Takes a reply of which no line is written: whatever comes, up to the end that the dialect or silence gives it. */
import type { Captures, Matcher, Progress, Unmatched } from "../match/matcher.ts";

const NOTHING: Captures = new Map();
const UNMATCHED: Unmatched = { pattern: undefined, after: undefined, received: 0, detail: "" };

export const collect = (): Matcher => ({
  feed: (): Progress => "open",
  endMessage: (): Progress => "open",
  end: (): Progress => "open",
  takes: () => false,
  rest: "",
  // The first byte is awaited.
  mayBeEmpty: false,
  captures: () => NOTHING,
  unmatched: () => UNMATCHED,
});
