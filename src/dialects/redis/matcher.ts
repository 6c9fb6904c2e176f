/**
 * Written replies against received ones. In order they are compared line by line; under `unordered` as trees
 * (tree.ts); then the replies of an exchange may come in any order, too.
 */
import type { ByteString } from "../../base/bytes.ts";
import { type Captured, capturedMap, NOTHING_CAPTURED } from "../../match/captures.ts";
import { matchInOrder } from "../../match/in-order.ts";
import type { Captures, Matcher, Progress, Unmatched } from "../../match/matcher.ts";
import type { LinePattern } from "../../match/pattern.ts";
import { matchText, splitEnding } from "../../match/text.ts";
import type { Scope } from "../../match/variables.ts";
import type { ReadingContext, ReceivedLine } from "../dialect.ts";
import { withoutNumbers } from "./comparison.ts";
import { assignElements, isLiteral, matchNode, type Received, type Written } from "./elements.ts";
import { readReceived, readWritten, withHeadSpace } from "./lines.ts";

export function redisMatcher(
  expects: readonly LinePattern[],
  scope: Scope,
  context: Pick<ReadingContext, "eol" | "unordered">,
): Matcher {
  const written = expects.map(withHeadSpace);
  return context.unordered
    ? new UnorderedReplies(written, scope)
    : matchInOrder(written, scope, { eol: context.eol, endingOptional: false });
}

class UnorderedReplies implements Matcher {
  readonly #scope: Scope;
  readonly #open: boolean;
  /** Written replies still free, those without wildcards first. */
  readonly #free: Written[];
  #captured: Captured = NOTHING_CAPTURED;
  #after: LinePattern | undefined;
  /** Lines of the message that comes, and of those before it. */
  #lines: ReceivedLine[] = [];
  #received = 0;
  #failed: Unmatched | undefined;
  readonly mayBeEmpty: boolean;
  readonly rest = "";

  constructor(expects: readonly LinePattern[], scope: Scope) {
    this.#scope = scope;
    const { roots, open } = readWritten(expects);
    this.#open = open;
    this.#free = [...roots.filter(isLiteral), ...roots.filter((root) => !isLiteral(root))];
    this.mayBeEmpty = this.#required().length === 0;
  }

  feed(line: ByteString, part: string): Progress {
    this.#lines.push({ line, part });
    // Only the whole message tells.
    return "more";
  }

  endMessage(): Progress {
    const replies = readReceived(this.#lines, this.#received);
    const count = this.#lines.length;
    this.#lines = [];
    for (const reply of replies) if (!this.#failed) this.#take(reply);
    this.#received += count;
    return this.#progress();
  }

  end(): Progress {
    return this.#lines.length > 0 ? "more" : this.#progress();
  }

  takes(line: ByteString, part: string): boolean {
    const [reply] = readReceived([{ line, part }], 0);
    const isLike = ({ from, children }: Written): boolean =>
      (!children && matchText(from, splitEnding(line, "any").text, this.#scope, NOTHING_CAPTURED) !== undefined) ||
      withoutNumbers(from, line, this.#scope) ||
      (children?.some(isLike) ?? false);
    return reply !== undefined && this.#free.some(isLike);
  }

  captures(): Captures {
    return capturedMap(this.#captured);
  }

  unmatched(): Unmatched {
    if (this.#failed) return this.#failed;
    return { pattern: this.#firstFree()?.from, after: this.#after, received: this.#received, detail: "" };
  }

  #required(): readonly Written[] {
    return this.#free.filter(({ from }) => from.repeat === "once");
  }

  #firstFree(): Written | undefined {
    return this.#required().reduce<Written | undefined>(
      (first, one) => (first && first.from.line < one.from.line ? first : one),
      undefined,
    );
  }

  #take(reply: Received): void {
    for (const [i, written] of this.#free.entries()) {
      const captured = matchNode(written, reply, 0, undefined, this.#scope, this.#captured);
      if (!captured) continue;
      this.#captured = captured;
      this.#after = lastLine(written);
      if (written.from.repeat !== "any" || written.children) this.#free.splice(i, 1);
      return;
    }
    if (!this.#open) this.#failed = this.#explain(reply);
  }

  /** Which element of a reply is not as written, or is missing in it. */
  #explain(reply: Received): Unmatched {
    const after = this.#after;
    const line = reply.from.index;
    const written = reply.children && this.#required().find(({ children }) => children);
    const none = {
      pattern: this.#firstFree()?.from,
      after,
      received: line,
      detail: "is none of the replies still awaited",
    };
    if (!written) return none;
    if (written.separator !== reply.separator)
      return { ...none, pattern: written.from, detail: "is of another type than the reply still awaited" };
    const { strays, missing } = assignElements(written, reply, 0, undefined, this.#scope, this.#captured);
    const pattern = missing[0]?.[0]?.from;
    const stray = written.open && missing.length > 0 ? undefined : strays[0]?.[0];
    if (stray) return { pattern, after, received: stray.from.index, detail: "is none of the elements still awaited" };
    if (!pattern) return none;
    return {
      pattern,
      after,
      received: line,
      absent: true,
      detail: `one of its elements is missing: ${pattern.source.trim()}`,
    };
  }

  #progress(): Progress {
    if (this.#failed) return "failed";
    if (this.#required().length > 0) return "more";
    return this.#free.length > 0 ? "open" : "done";
  }
}

function lastLine(node: Written): LinePattern {
  const last = node.children?.at(-1);
  return last ? lastLine(last) : node.from;
}
