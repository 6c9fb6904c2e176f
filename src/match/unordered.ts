/**
 * Written lines in any order: each line received goes to the first written one still free that it matches, those without
 * wildcards first. A `...` stands for further lines while written ones are awaited.
 */
import type { ByteString } from "../base/bytes.ts";
import { type Captured, capturedMap, NOTHING_CAPTURED } from "./captures.ts";
import type { Captures, Matcher, Progress, Unmatched } from "./matcher.ts";
import type { LinePattern } from "./pattern.ts";
import { type EndingRules, matchLine } from "./text.ts";
import type { Scope } from "./variables.ts";

export class UnorderedMatcher implements Matcher {
  readonly #scope: Scope;
  readonly #rules: EndingRules;
  readonly #anyFurther: boolean;
  /** Still free, those without wildcards first. */
  readonly #free: LinePattern[];
  #captured: Captured = NOTHING_CAPTURED;
  #after: LinePattern | undefined;
  #partial: ByteString = "";
  #received = 0;
  #failed: Unmatched | undefined;
  readonly mayBeEmpty: boolean;
  readonly rest = "";

  constructor(expects: readonly LinePattern[], scope: Scope, rules: EndingRules) {
    this.#scope = scope;
    this.#rules = rules;
    const lines = expects.filter(({ body }) => body.kind !== "ellipsis");
    this.#anyFurther = lines.length < expects.length;
    this.#free = [
      ...lines.filter(({ literal }) => literal !== undefined),
      ...lines.filter(({ literal }) => literal === undefined),
    ];
    this.mayBeEmpty = this.#required().length === 0;
  }

  feed(line: ByteString, _part = ""): Progress {
    this.#partial += line;
    if (!line.endsWith("\n")) return this.#progress();
    const whole = this.#partial;
    this.#partial = "";
    return this.#take(whole);
  }

  endMessage(): Progress {
    return this.end();
  }

  end(): Progress {
    const piece = this.#partial;
    this.#partial = "";
    return piece === "" ? this.#progress() : this.#take(piece);
  }

  takes(line: ByteString, _part = ""): boolean {
    return this.#find(line) !== undefined;
  }

  captures(): Captures {
    return capturedMap(this.#captured);
  }

  unmatched(): Unmatched {
    return this.#failed ?? { pattern: this.#firstFree(), after: this.#after, received: this.#received, detail: "" };
  }

  #required(): readonly LinePattern[] {
    return this.#free.filter(({ repeat }) => repeat === "once");
  }

  #firstFree(): LinePattern | undefined {
    return this.#required().reduce<LinePattern | undefined>(
      (first, one) => (first && first.line < one.line ? first : one),
      undefined,
    );
  }

  #find(line: ByteString): { index: number; captured: Captured } | undefined {
    for (const [index, pattern] of this.#free.entries()) {
      const captured = matchLine(pattern, line, this.#rules, this.#scope, this.#captured);
      if (captured) return { index, captured };
    }
    return undefined;
  }

  #take(line: ByteString): Progress {
    const found = this.#find(line);
    if (found) {
      const pattern = this.#free[found.index]!;
      this.#captured = found.captured;
      this.#after = pattern;
      if (pattern.repeat !== "any") this.#free.splice(found.index, 1);
    } else if (!this.#anyFurther || this.#required().length === 0) {
      this.#failed = {
        pattern: this.#firstFree(),
        after: this.#after,
        received: this.#received,
        detail: "is none of the lines still awaited",
      };
    }
    this.#received++;
    return this.#progress();
  }

  #progress(): Progress {
    if (this.#failed) return "failed";
    if (this.#required().length > 0) return "more";
    return this.#free.length > 0 ? "open" : "done";
  }
}
