/** `socat -v` and `socat -x`: blocks with a direction, a length and an offset, as text, in hexadecimal, or as both. */
import type { ByteString } from "../../base/bytes.ts";
import type { Party } from "../../plan/moves.ts";
import { authorityOf, type Recording, type Source, type Step } from "./conversation.ts";
import { bytesOfHex } from "./hex-digits.ts";
import { badRecording } from "./mistake.ts";
import { lineAt, textLines } from "./text-lines.ts";

const TITLE = /^([<>]) (\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d)\.(\d+) {2}length=(\d{1,12}) from=(\d{1,15}) to=\d{1,15}$/;
/** One space and sixteen pairs with spaces between them. */
const HEX_WIDTH = 48;
/** What socat says of itself with `-d -d`. Another process of its own may say it in the middle of a block. */
const LOG = /\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d socat\[\d+\] [A-Z] ([^\n]*)\n/g;
const OPENING = /^opening connection to (?:AF=2 (\S+):(\d+)|AF=10 \[?([\da-f:]+)\]?:(\d+)|AF=1 "?(.+?)"?)\r?$/i;
const ANY_TITLE = /^[<>] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d+ {2}length=\d+ from=\d+ to=\d+\r?$/m;

export const isSocat = (beginning: ByteString): boolean => ANY_TITLE.test(beginning);

/** A connection that went on after so many others had begun is taken for a new one. */
const MOST_AT_ONCE = 100;

/** A connection: how far each side has come, as the offsets tell it. */
interface Open {
  readonly steps: Step[];
  readonly next: Record<Party, number>;
}

export function readSocat({ file, text: whole }: Source): Recording {
  const { text, said, lineOf } = withoutLog(whole);
  const all: Open[] = [];
  const target = said.map(targetOf).find((one) => one !== undefined);
  let isInexact = false;
  let now = 0;
  for (let at = 0; at < text.length; ) {
    const begin = at;
    const [line] = textLines(text, at);
    const title = TITLE.exec(line!.text);
    at = line!.next;
    if (!title) continue;
    const [, mark, , , size, offset] = title;
    const by = mark === ">" ? "client" : "server";
    const from = Number(offset);
    const block = takeHex(text, at, Number(size)) ?? takeText(text, at, Number(size));
    if (block === undefined)
      throw badRecording(file, lineOf(begin), `fewer than ${size} bytes follow: record it anew, or delete this block`);
    isInexact ||= !block.isHex && DOTS.test(block.bytes);
    at = block.end;
    now = Math.max(now, timeOf(title));
    const connection = connectionOf(all, by, from);
    connection.next[by] = from + block.bytes.length;
    connection.steps.push({ by, bytes: block.bytes, at: now });
  }
  return { conversations: all.map(({ steps }) => ({ target, steps })), warnings: isInexact ? [INEXACT] : [] };
}

interface WithoutLog {
  readonly text: ByteString;
  readonly said: readonly ByteString[];
  /** The line of the file that an offset in the text stands in. */
  lineOf(at: number): number;
}

function withoutLog(whole: ByteString): WithoutLog {
  const found = [...whole.matchAll(LOG)];
  const lineOf = (at: number): number => {
    let removed = 0;
    for (const { 0: message, index } of found) if (index <= at + removed) removed += message.length;
    return lineAt(whole, at + removed);
  };
  return { text: whole.replace(LOG, ""), said: found.map(([, message]) => message!), lineOf };
}

/** Neither the end of a sentence nor an omission. */
const DOTS = /(?<!\.)\.\.(?!\.)|\.{4}/;
const INEXACT =
  "`socat -v` shows a byte that is no ASCII text as `.`, and the file may have some: use `socat -x` to record them";

function timeOf([, , second, fraction]: RegExpExecArray): number {
  // Until version 1.8 the microseconds stand in nine digits, so the order in a file tells more than they do.
  const micros = fraction!.length === 9 && fraction!.startsWith("000") ? fraction!.slice(3) : fraction!;
  const time = Date.parse(`${second!.replaceAll("/", "-").replace(" ", "T")}Z`);
  return (Number.isNaN(time) ? 0 : time) + Number(`0.${micros}`) * 1000;
}

/** Each connection counts from 0. Those that run at once are told apart by how far they have come, and whose turn it is. */
function connectionOf(all: Open[], by: Party, from: number): Open {
  const recent = all.slice(-MOST_AT_ONCE);
  const fitting = recent.filter(({ next }) => next[by] === from && (from > 0 || by === "server"));
  const turn = fitting.findLast(({ steps }) => steps.at(-1)?.by !== by);
  const found = turn ?? fitting.at(-1) ?? (from === 0 ? recent.findLast(({ next }) => next[by] === 0) : undefined);
  if (found) return found;
  const opened: Open = { steps: [], next: { client: 0, server: 0 } };
  all.push(opened);
  return opened;
}

interface BlockText {
  readonly bytes: ByteString;
  readonly isHex: boolean;
  readonly end: number;
}

/** Bytes in hexadecimal. Undefined: what follows is something else. */
function takeHex(text: ByteString, from: number, length: number): BlockText | undefined {
  const pairs: string[] = [];
  let count = 0;
  let end = from;
  for (const line of textLines(text, from)) {
    // With -v the text of sixteen bytes stands beside them.
    const isWide = line.text.slice(HEX_WIDTH, HEX_WIDTH + 2) === "  ";
    const row = isWide ? line.text.slice(0, HEX_WIDTH) : line.text;
    const digits = row.replaceAll(" ", "");
    if (count >= length || !row.startsWith(" ") || bytesOfHex(digits) === undefined) break;
    pairs.push(digits);
    count += digits.length / 2;
    end = line.next;
  }
  if (count !== length || length === 0) return undefined;
  return { bytes: bytesOfHex(pairs.join(""))!, isHex: true, end };
}

function takeText(text: ByteString, from: number, length: number): BlockText | undefined {
  if (from + length > text.length) return undefined;
  const bytes: ByteString[] = [];
  let at = from;
  while (bytes.length < length && at < text.length) {
    const escaped = text[at] === "\\" ? ESCAPES[text[at + 1] ?? ""] : undefined;
    bytes.push(escaped ?? text[at]!);
    at += escaped === undefined ? 1 : 2;
  }
  return bytes.length === length ? { bytes: bytes.join(""), isHex: false, end: at } : undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "0": "\0",
};

function targetOf(line: string): string | undefined {
  const [, host, port, host6, port6, path] = OPENING.exec(line) ?? [];
  if (path !== undefined) return `unix:${path}`;
  const name = host ?? host6;
  return name === undefined ? undefined : `tcp://${authorityOf(name, (port ?? port6)!)}`;
}
