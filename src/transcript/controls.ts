/** The controls of a transcript, `=== verb argument` (format guide, section 6). */
import { didYouMean, oneOf, WiredocError } from "../base/error.ts";
import type { Span } from "../base/span.ts";
import { CONTROL_VERBS, type Control, type ControlVerb } from "./model.ts";

const TAKES_ARGUMENT: Readonly<Partial<Record<ControlVerb, "required" | "optional">>> = {
  silence: "required",
  wait: "required",
  connect: "optional",
};

/** Reads what follows `===`; undefined where that is no control, a mistake that goes to `report`. */
export function readControl(
  text: string,
  connection: string,
  span: Span,
  report: (error: WiredocError) => void,
): Control | undefined {
  const [, word = "", argument = ""] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(text)!;
  const verb = CONTROL_VERBS.find((known) => known === word);
  if (!verb) {
    const found = word === "" ? "=== needs a control" : `"${word}" is no control${didYouMean(word, CONTROL_VERBS)}`;
    report(new WiredocError("unknown-control", `${found}; there are ${oneOf(CONTROL_VERBS)}`, span));
    return undefined;
  }
  const takes = TAKES_ARGUMENT[verb];
  if (takes === "required" && argument === "") {
    report(new WiredocError("bad-control", `=== ${verb} needs a duration, as in "=== ${verb} 200ms"`, span));
    return undefined;
  }
  if (!takes && argument !== "") {
    report(new WiredocError("bad-control", `=== ${verb} stands alone; "${argument}" is too much`, span));
    return undefined;
  }
  return { kind: "control", connection, verb, argument, line: span.line, column: span.column };
}
