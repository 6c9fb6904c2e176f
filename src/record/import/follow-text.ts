/** What `tshark -z follow` prints: a heading for each stream, and then its text, its dump, or its bytes in hexadecimal. */
import type { ByteString } from "../../base/bytes.ts";
import type { Party } from "../../plan/moves.ts";
import { authorityOf, type Conversation, type Recording, type Source, type Step } from "./conversation.ts";
import { bytesOfHex } from "./hex-digits.ts";
import { readHexRows } from "./hex-rows.ts";
import { badRecording } from "./mistake.ts";
import { lineNumbers, textLines } from "./text-lines.ts";

const HEADING = /^Follow: (\w+),([\w-]+)\r?$/m;
/** A stream follows its heading, and a line of `=` ends it. */
const STREAM =
  /^Follow: (\w+),([\w-]+)\r?\nFilter: (?:\w+\.stream eq (\d+))?.*\nNode 0: (.*?)\r?\nNode 1: (.*?)\r?\n/gm;
const END = /^={67}\r?$/;

export const isFollowText = (beginning: ByteString): boolean => HEADING.test(beginning);

export function readFollowText(source: Source): Recording {
  const { text } = source;
  const streams: Stream[] = [];
  const warnings = new Set<string>();
  const numberOf = lineNumbers(text);
  let at = 0;
  for (const heading of text.matchAll(STREAM)) {
    // The text of a stream can hold what looks like a heading.
    if (heading.index < at) continue;
    const number = numberOf(heading.index);
    const [whole, protocol, form, stream, , server] = heading;
    if (!/^(?:tcp|tls)$/.test(protocol!))
      throw badRecording(source.file, number, `only streams of tcp and tls are imported, not of ${protocol}`);
    const body = { ...source, from: heading.index + whole.length, line: number + 4 };
    const { steps, end } = readBody(body, form!, number);
    at = end;
    if (form === "ascii" && steps.some(({ bytes }) => DOTS.test(bytes!))) warnings.add(INEXACT);
    const [, host, port] = /^(.*):(\d+)$/.exec(server!) ?? [];
    const scheme = protocol === "tls" ? "tls" : "tcp";
    const target = host === undefined ? undefined : `${scheme}://${authorityOf(host, port!)}`;
    streams.push({ number: Number(stream), target, steps });
  }
  return { conversations: oneByOne(streams), warnings: [...warnings] };
}

interface Stream extends Conversation {
  readonly number: number;
}

/** Without times, the streams are told one after the other, in the order in which they began. */
function oneByOne(streams: readonly Stream[]): readonly Conversation[] {
  let at = 0;
  return streams
    .toSorted((a, b) => a.number - b.number)
    .map(({ target, steps }) => ({ target, steps: steps.map((step) => ({ ...step, at: at++ })) }));
}

const DOTS = /(?<!\.)\.\.(?!\.)|\.{4}/;
const INEXACT =
  "the ASCII form shows a byte that is no text as `.`, and the file may have some: save the stream as YAML to have them";

interface Body extends Source {
  readonly from: number;
  readonly line: number;
}

interface Read {
  readonly steps: readonly Step[];
  readonly end: number;
}

function readBody(body: Body, form: string, heading: number): Read {
  if (form === "hex") return readHexRows(body);
  if (form === "raw") return readRaw(body);
  if (form === "ascii" || form === "utf-8") return readCounted(body);
  throw badRecording(body.file, heading, `the form ${form} is not imported: save it as yaml, hex, raw or ascii`);
}

/** A line of hexadecimal digits for each message, a tab before those of the server. */
function readRaw({ file, text, from, line }: Body): Read {
  const steps: Step[] = [];
  let end = from;
  for (const row of textLines(text, from, line)) {
    if (END.test(row.text)) break;
    const isServer = row.text.startsWith("\t");
    const bytes = bytesOfHex(isServer ? row.text.slice(1) : row.text);
    if (bytes === undefined)
      throw badRecording(file, row.number, "pairs of hexadecimal digits are expected here: save it anew");
    steps.push({ by: isServer ? "server" : "client", bytes, at: steps.length });
    end = row.next;
  }
  return { steps, end };
}

/** For each message a line with its length, a tab before it where the server says it, and the message itself. */
function readCounted({ file, text, from, line }: Body): Read {
  const steps: Step[] = [];
  let at = from;
  let number = line;
  while (at < text.length) {
    const [row] = textLines(text, at, number);
    if (END.test(row!.text)) break;
    const [, tab, digits] = /^(\t?)(\d{1,10})$/.exec(row!.text) ?? [];
    if (digits === undefined)
      throw badRecording(file, number, "the length of a message is expected here: save it anew");
    const length = Number(digits);
    const bytes = text.slice(row!.next, row!.next + length);
    at = row!.next + length;
    if (bytes.length < length || !/^(?:\r?\n|$)/.test(text.slice(at, at + 2)))
      throw badRecording(file, number, `the message does not have ${length} bytes: save the stream anew, as YAML`);
    at += text.startsWith("\r\n", at) ? 2 : 1;
    number += 1 + (bytes.match(/\n/g)?.length ?? 0) + 1;
    const by: Party = tab === "" ? "client" : "server";
    steps.push({ by, bytes, at: steps.length });
  }
  return { steps, end: at };
}
