/**
 * What to say of a reply that did not go as written: its kind, its line, and a sentence.
 */
import { writeBytes, writeLine } from "../base/bytes.ts";
import { formatDuration } from "../base/duration.ts";
import { formatSize } from "../base/size.ts";
import type { Unmatched } from "../match/matcher.ts";
import type { OpenConnection } from "./connection.ts";
import type { Link } from "./link.ts";
import type { ExchangeRecord } from "./record.ts";
import type { Reply } from "./reply.ts";

/** Notes in the record why a reply ended as it did, where that is a failure. */
export function judge(
  { end, received }: Reply,
  unmatched: Unmatched,
  record: ExchangeRecord,
  { link, afterLine }: OpenConnection,
): void {
  const { pattern, after, detail, received: matched, bytes, absent } = unmatched;
  record.matched = after;
  const { step } = record;
  const { settings } = record.example;
  const awaited = pattern ?? step.expects.at(-1);
  const line = awaited?.line ?? step.line;
  const total = step.expects.length;
  // What HTTP sends has more lines than the author needs to write, and so has what `...` takes.
  const counts = matched <= total && !record.example.dialect.freeEndings ? ` of ${total}` : "";
  const { isBytes } = record;
  const unit = isBytes ? "byte" : "line";
  const count = isBytes ? received.reduce((sum, piece) => sum + piece.length, 0) : matched;
  const ofTotal = isBytes ? "" : counts;
  const soFar = `after ${count}${ofTotal} ${unit}${(ofTotal ? total : count) === 1 ? "" : "s"}`;
  const differs = /^(?:header|the) /.test(detail)
    ? `the reply differs: ${detail}`
    : `${unit} ${(isBytes ? (bytes ?? 0) : matched) + 1} of the reply ${detail || "differs"}`;
  const { stopped } = link.codec;
  const where = stopped ? `${stopped.where}${stopped.isWithinLine ? "" : namesAwaited(pattern)}` : undefined;
  const waiting = `${namesAwaited(awaited)}${namesKept(link.arrivals.held)}${link.codec.isWithin ? BEGUN : ""}`;
  switch (end) {
    case "complete":
    case "open":
    case "interrupted":
      return;
    case "failed":
      if (pattern === undefined) {
        const extra = isBytes ? [received.join("").slice(bytes)] : received.slice(matched);
        return record.fail("extra", record.lineOfExtra, detail === "" ? extraMessage(extra, isBytes) : differs);
      }
      if (absent) return record.fail("missing", line, `the reply is complete, and ${detail}`);
      return record.fail("mismatch", line, differs);
    case "missing":
      return record.fail("missing", line, `the reply is complete ${soFar}${namesAwaited(awaited)}`);
    case "timeout":
      return record.fail(
        "timeout",
        line,
        `no ${count === 0 && !stopped ? "reply" : `further ${unit}`} within ${formatDuration(settings.timeout)}, ${where ?? `${soFar}${waiting}`}`,
      );
    case "closed": {
      const how = link.closeError
        ? `broke the connection (${link.closeError.code ?? link.closeError.message})`
        : "closed the connection";
      const advice =
        link.bytes === 0 && afterLine !== undefined
          ? `; if it closes after line ${afterLine}, write === closed there`
          : "";
      return record.fail("closed", line, `the server ${how} ${where ?? `${soFar}${waiting}`}${advice}`);
    }
    case "protocol":
      return record.fail("protocol", line, link.framingError?.message ?? "the reply breaks the protocol");
    case "too-large":
      return record.fail("protocol", line, `the reply is larger than the limit of ${formatSize(settings.limit)}`);
    default:
      return end satisfies never;
  }
}

/** Why what comes after a failure in its example is not tried. */
export function reasonOf(cause: ExchangeRecord | undefined): string {
  const failure = cause?.failure;
  if (!failure) return "not tried: the connection was given up";
  if (cause.example.role === "opening") return `not tried: the opening failed at line ${failure.line}`;
  if (failure.kind === "connect") return `not tried: there was no connection for line ${failure.line}`;
  return `not tried: the connection was given up after line ${failure.line}`;
}

/** A close that came before what needs the connection, and after the document's line `line` if it carried anything. */
export function closedBefore({ closeError }: Link, line: number | undefined): string {
  const how = closeError ? `broken the connection (${closeError.code ?? closeError.message})` : "closed the connection";
  return line === undefined
    ? `the server had ${how}`
    : `the server had ${how} after line ${line}; write === closed there if it should`;
}

const BEGUN = "; the beginning of a message came, and not its end";

const namesAwaited = (awaited: { readonly source: string } | undefined): string =>
  awaited ? `; awaited was: ${awaited.source === "" ? "an empty line" : shorten(awaited.source)}` : "";

const namesKept = (kept: number): string =>
  kept === 0 ? "" : `; ${kept === 1 ? "a reply" : `${kept} replies`} to other requests came, and had to wait for it`;

const shorten = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 79)}…`);

/** A sentence on lines, or bytes, that nothing asked for. */
export function extraMessage(extra: readonly string[], isBytes: boolean): string {
  if (isBytes) {
    const bytes = extra.join("");
    const count = bytes.length === 1 ? "one byte" : `${bytes.length} bytes`;
    return `${count} came that nothing asked for: ${shorten(writeBytes(bytes.slice(0, 80)))}`;
  }
  const lines = extra
    .join("")
    .split("\n")
    .filter((line, i, all) => i < all.length - 1 || line !== "");
  const first = shorten(writeLine((lines[0] ?? "").replace(/\r$/, ""))) || "an empty line";
  return lines.length === 1
    ? `one line came that nothing asked for: ${first}`
    : `${lines.length} lines came that nothing asked for, the first: ${first}`;
}
