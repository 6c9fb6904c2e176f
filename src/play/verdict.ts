/**
 * What to say of a reply that did not go as written: its kind, its line, and a sentence.
 */
import { type ByteString, decodeText } from "../base/bytes.ts";
import { formatDuration } from "../base/duration.ts";
import { formatSize } from "../base/size.ts";
import type { LinePattern } from "../match/pattern.ts";
import { explain } from "../match/text.ts";
import type { Conversation } from "./conversation.ts";

import type { Incoming } from "./incoming.ts";
import type { Compared, Note } from "./note.ts";
import { peerHint } from "./peers.ts";
import type { ReplyReader } from "./reply-reader.ts";
import { aside, expectation, mismatch, quote, quoteLine, spaceHint, textOf, unexpected } from "./sentence.ts";

/** Notes why a reply ended as it did, where that is a failure. */
export function judge(reply: ReplyReader, note: Note, { incoming, previousUser, scheme }: Conversation): void {
  const { end, received } = reply;
  const { pattern, after, detail, received: matched, bytes, absent, unwritten } = reply.matcher.unmatched();
  note.matched = after;
  const { expects } = note;
  const { settings } = note.example;
  const { name: who, says } = note.peer;
  const awaited = pattern ?? expects.at(-1);
  const line = awaited?.line ?? note.line;
  const { isBytes } = note;
  const expected = (compared: Compared): string =>
    awaited === undefined ? `a ${says}` : expectation(awaited, compared, compared.difference(line)?.captured);
  const size = isBytes ? received.reduce((sum, piece) => sum + piece.length, 0) : 0;
  const soFar = size > 0 ? ` after ${formatCount(size, "byte")}` : "";
  const { standing, hiddenBeginning } = incoming;
  // The line dialect has no framing that an alert of TLS could break.
  const hint = !isBytes && TLS_RECORD.test(received[0] ?? "") ? peerHint(received[0]!, "", scheme) : "";
  const also = `${namesHeld(incoming.arrivals.held)}${hiddenBeginning === "" ? "" : BEGUN}${hint}`;
  if (end === "timeout" || end === "closed" || (end === "failed" && reply.isOver)) note.unreadable = hiddenBeginning;
  // Nothing else hands on the beginning of a line where each has to end.
  const isCutOff = incoming.closed && !isBytes && note.endingsCount && pattern?.ending !== "none";
  const cutOff = isCutOff && lineSoFar(received) !== "" ? `; then the ${who} closed the connection` : "";
  switch (end) {
    case "complete":
    case "open":
    case undefined:
      return;
    case "failed":
      if (pattern === undefined) {
        // Where bytes are compared, lines may have come in pieces. A detail speaks of one line; without one, all the rest is
        // too much.
        const rest =
          bytes === undefined
            ? wholeLines(reply).slice(matched, detail === "" ? undefined : matched + 1)
            : [lineAround(received.join(""), bytes)];
        const endsInBytes = isBytes || (bytes !== undefined && awaited?.body.kind === "bytes");
        if (endsInBytes && detail === "") {
          const extra = [received.join("").slice(bytes)];
          return note.fail("extra", note.lineOfExtra, () => unexpected(extra, true));
        }
        return note.fail("extra", note.lineOfExtra, () => extraMessage(rest, note, detail));
      }
      if (absent)
        return note.fail(
          "missing",
          line,
          (compared) => `the ${says} is complete, and ${detail}: expected ${expected(compared)}`,
        );
      if (unwritten) return note.fail("mismatch", line, `${detail}: ${quoteLine(wholeLines(reply)[matched] ?? "")}`);
      return note.fail("mismatch", line, (compared) => {
        const at = expects.find((one) => one.line === compared.line) ?? pattern;
        return mismatchMessage(at, compared, wholeLines(reply)[matched], detail) + cutOff + hint;
      });
    case "missing":
      return note.fail("missing", line, (compared) => {
        const found = compared.difference(line);
        const isBegun = found?.received && found.pattern.body.kind === "bytes";
        return `the ${says} is complete: ${isBegun ? mismatch(found, compared, "") : `expected ${expected(compared)}`}`;
      });
    case "timeout":
      return note.fail("timeout", line, (compared) => {
        const within = `within ${formatDuration(settings.timeout)}`;
        if (standing)
          return `no further line ${within}, ${standing.where}${standing.isWithinLine ? "" : `: expected ${expected(compared)}`}`;
        const begun = isBytes || !note.endingsCount ? "" : lineSoFar(received);
        const bare = awaited?.ending === "none" ? "" : " without a line ending";
        if (begun !== "") return `expected ${expected(compared)}, got only ${quoteLine(begun)}${bare} ${within}${hint}`;
        const what = received.length === 0 ? says : isBytes ? "further bytes" : "further line";
        const dots = isBytes && expects.some(({ body }) => body.kind === "ellipsis") ? WHOLE_LINES : "";
        return `no ${what} ${within}${soFar}: expected ${expected(compared)}${also}${closest(compared, note)}${dots}`;
      });
    case "closed": {
      const how = incoming.closeError
        ? `broke the connection (${incoming.closeError.code ?? incoming.closeError.message})`
        : "closed the connection";
      const begun = isBytes || !note.endingsCount ? "" : lineSoFar(received);
      const within = begun === "" ? soFar : ` after ${quoteLine(begun)} without a line ending`;
      // An opening is played on each connection, so a close after it cannot be written there.
      const advice =
        incoming.byteCount === 0 && previousUser !== undefined && previousUser.example.role !== "opening"
          ? `; if it closes after line ${previousUser.lineOfExtra}, write === ${who === "server" ? "closed" : "close"} there`
          : "";
      return note.fail("closed", line, (compared) => {
        if (standing?.isWithinLine) return `the ${who} ${how} ${standing.where}`;
        const near = begun === "" ? closest(compared, note) : "";
        return `the ${who} ${how}${standing ? ` ${standing.where}` : within}: expected ${expected(compared)}${also}${near}${advice}`;
      });
    }
    case "protocol": {
      note.unreadable = incoming.unreadable;
      const came = received.join("") + incoming.unreadable;
      const hint = peerHint(came, note.example.dialect.name, scheme);
      return note.fail(
        "protocol",
        line,
        `${incoming.framingError?.message ?? `the ${says} breaks the protocol`}${hint}`,
      );
    }
    case "too-large":
      return note.fail("protocol", line, `the ${says} is larger than the limit of ${formatSize(settings.limit)}`);
    default:
      return end satisfies never;
  }
}

/** Why something is not tried where no failure says more. */
export const GIVEN_UP = "not tried: the connection was given up";

/** Why what comes after a failure is not tried. @param line the one that the failure is told at. */
export function whyNotTried({ example, finding }: Note, line: number | undefined = finding?.line): string {
  if (!finding) return GIVEN_UP;
  if (example.role === "opening") return `not tried: the opening failed at line ${line}`;
  if (finding.kind === "connect") return `not tried: there was no connection for line ${line}`;
  return `${GIVEN_UP} after line ${line}`;
}

/** A close that came before what needs the connection, and after the exchange `before` if it carried any. */
export function closedBefore({ peer }: Note, { closeError }: Incoming, before: Note | undefined): string {
  const how = closeError ? `broken the connection (${closeError.code ?? closeError.message})` : "closed the connection";
  if (before === undefined) return `the ${peer.name} had ${how}`;
  const { lineOfExtra, example } = before;
  const advice =
    example.role === "opening"
      ? ", the end of the opening"
      : `; write === ${peer.name === "server" ? "closed" : "close"} there if it should`;
  return `the ${peer.name} had ${how} after line ${lineOfExtra}${advice}`;
}

/** The beginning of a record of TLS: a TLS server answers plain text with an alert. */
const TLS_RECORD = /^[\x15\x16]\x03[\x00-\x04]/;

const formatCount = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? "" : "s"}`;

/** The remedy where `...` was written for bytes. */
const WHOLE_LINES = '; "..." is any number of whole lines here: write "... (hex)" for any number of bytes';

/** What the failure of a close says of where to write it. */
const CLOSE_ADVICE = /; (?:if it closes after line \d+, )?write === closed there(?: if it should)?$/;

/** A failure's message without advice that does not hold where the server has ended. */
export const withoutCloseAdvice = (message: string): string => message.replace(CLOSE_ADVICE, "");

const BEGUN = "; an incomplete message came";

const namesHeld = (kept: number): string =>
  kept === 0
    ? ""
    : `; ${kept === 1 ? "a reply" : `${kept} replies`} to other requests came and ${kept === 1 ? "waits" : "wait"} for this one`;

/** The line that `...` has taken and that the comparison shows beside the awaited one. */
function closest(compared: Compared, { example, isBytes, endingsCount }: Note): string {
  const found = compared.difference(compared.line);
  if (isBytes || !found?.received || found.json) return "";
  const rules = { eol: endingsCount ? example.settings.eol : "any", endingOptional: !endingsCount } as const;
  const detail = explain(found.pattern, found.received.bytes, rules, compared.scope, found.captured);
  return `; the closest line is ${quoteLine(found.received.bytes)}${aside(detail)}`;
}

/** What came from the beginning of the line on that an offset is in. */
const lineAround = (all: ByteString, offset: number): ByteString =>
  all.slice(offset === 0 ? 0 : all.lastIndexOf("\n", offset - 1) + 1);

/** What came in lines, where bytes were awaited and came in pieces. A line ends with its part of a message. */
function wholeLines({ received, parts }: ReplyReader): readonly ByteString[] {
  const lines: ByteString[] = [];
  for (const [i, piece] of received.entries()) {
    if (i > 0 && !received[i - 1]!.endsWith("\n") && parts[i] === parts[i - 1]) lines.push(lines.pop() + piece);
    else lines.push(piece);
  }
  return lines;
}

/** What came after the last LF, in however many pieces. */
function lineSoFar(received: readonly ByteString[]): ByteString {
  const from = received.findLastIndex((piece) => piece.includes("\n"));
  const rest = received.slice(Math.max(0, from)).join("");
  return rest.slice(rest.lastIndexOf("\n") + 1);
}

function mismatchMessage(
  pattern: LinePattern,
  compared: Compared,
  line: ByteString | undefined,
  detail: string,
): string {
  const found = compared.difference(pattern.line);
  if (found?.received || found?.json) return mismatch(found, compared, detail);
  const expected = expectation(pattern, compared, found?.captured);
  if (pattern.body.kind === "bytes") return `expected ${expected}`;
  const why = aside(detail);
  return line === undefined ? `expected ${expected}${why}` : `expected ${expected}, got ${quoteLine(line)}${why}`;
}

/** Where what came is a text with a line ending: that ending, and what came after it. */
function lineEndingAfter(text: ByteString, came: ByteString): [ending: ByteString, more: ByteString] {
  const rest = came.startsWith(text) ? came.slice(text.length) : "";
  const ending = /^\r?\n/.exec(rest)?.[0] ?? "";
  return [ending, rest.slice(ending.length)];
}

/** A sentence on output beyond a reply. */
export function extraMessage(extra: readonly ByteString[], note: Note, detail = ""): string {
  const last = note.expects.at(-1);
  if (!note.isBytes && last?.ending === "none" && last.literal !== undefined) {
    // What came of its line is part of what the matcher found to be too much.
    const all = textOf(extra.join(""));
    const expected = decodeText(last.literal);
    const rest = all.startsWith(expected) ? all.slice(expected.length) : all;
    const [ending, more] = lineEndingAfter(last.literal, extra.join(""));
    if (ending !== "") {
      const then = more === "" ? "" : `; then ${unexpected([more], false)}`;
      return `unexpected line ending after ${quote(expected)}${then}`;
    }
    const hint = spaceHint(last, "", rest);
    if (hint !== "") return `unexpected space after ${quote(expected)}${hint}`;
  }
  const text = unexpected(extra, note.isBytes);
  return text + aside(detail);
}
