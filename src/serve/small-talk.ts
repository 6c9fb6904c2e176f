/** What clients of a protocol say by themselves: a document need not write it down. */
import { loadRegexEngine } from "../base/regex.ts";
import { parseReplyLine } from "../match/pattern.ts";
import type { Say } from "../plan/moves.ts";
import type { PlannedExample } from "../plan/planned.ts";

/** Examples of an exchange each. `like` is an example in their dialect. */
export async function smallTalkOf(like: PlannedExample): Promise<readonly PlannedExample[]> {
  const { smallTalk = [] } = like.dialect.requests ?? {};
  if (smallTalk.length > 0) await loadRegexEngine();
  return smallTalk.map(({ request, reply }) => {
    const first = say("client", [request], undefined, like.line);
    return { ...like, role: "anytime", skip: undefined, moves: [first, say("server", reply, first, like.line)] };
  });
}

const say = (by: Say["by"], texts: readonly string[], answers: Say | undefined, line: number): Say => ({
  kind: "say",
  by,
  on: "",
  line,
  lines: texts.map((text) => parseReplyLine({ text, line, column: 1, marked: false })),
  answers,
  isKnown: true,
});
