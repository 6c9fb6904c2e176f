/** Two codecs that talk with each other, and what comes of bytes, in a form that can be compared. */
import type { ByteString } from "../../src/base/bytes.ts";
import type {
  Codec,
  Decoded,
  Direction,
  Encoded,
  FlushReason,
  OutgoingLine,
  Request,
} from "../../src/dialects/codec.ts";
import { isFramingError } from "../../src/dialects/errors.ts";
import type { Conversation, DialectSamples, Turn, Way } from "./dialect-samples.ts";

export const open = ({ dialect, options = {} }: DialectSamples, limit = 1_000_000): Codec =>
  dialect.createCodec({ eol: "crlf", limit, host: "localhost", options });

/** Lines as a plan hands them over; ` (no-eol)` and ` (lf)` are read. */
export const written = (lines: readonly string[]): readonly OutgoingLine[] =>
  lines.map((text, i) => {
    const suffix = / \((no-eol|lf)\)$/.exec(text);
    const ending = suffix ? (suffix[1] === "lf" ? "\n" : "") : "\r\n";
    const bytes = suffix ? text.slice(0, suffix.index) : text;
    return { bytes, ending, endingWritten: suffix !== null, line: i + 1, column: 5 };
  });

/**
 * Encodes a turn; one that is given in bytes is noted as if it had been encoded.
 * @param later the lines of the client's next turn, where the request goes on in them.
 */
export function say(codec: Codec, turn: Turn, later?: readonly string[]): Encoded {
  const { by, lines, bytes, to } = turn;
  const direction = by === "client" ? codec.requests : codec.responses;
  if (bytes === undefined) return direction.encode(written(lines), later && written(later), to);
  const chunk = Buffer.from(bytes, "latin1");
  const noted = [...direction.decode(chunk), ...direction.flush(endOf(turn))];
  return { bytes: chunk, requests: noted.flatMap(({ request }) => request ?? []) };
}

/** A turn as it was said and read. */
export interface Said {
  readonly turn: Turn;
  readonly way: Way;
  readonly later: readonly string[] | undefined;
  readonly bytes: Uint8Array;
  readonly requests: readonly Request[];
  /** What the other side made of it, with what silence or the close completes. */
  readonly decoded: readonly Decoded[];
  /** What is owed after it, by the client's codec and by the server's. */
  readonly owed: readonly [number | undefined, number | undefined];
}

/** A client and a server say what they have to say, each to the other. */
export function talk(samples: DialectSamples, { turns }: Conversation): readonly Said[] {
  const [client, server] = [open(samples), open(samples)];
  return turns.map((turn, i) => {
    const isClient = turn.by === "client";
    const way = isClient ? "requests" : "responses";
    const later = turn.goesOn ? turns.slice(i + 1).find(({ by }) => by === turn.by)?.lines : undefined;
    const encoded = say(isClient ? client : server, turn, later);
    if (encoded.withheld !== undefined) throw new Error(`nothing is sent: ${encoded.withheld}`);
    const receiver = (isClient ? server : client)[way];
    const decoded = [...receiver.decode(encoded.bytes), ...receiver.flush(endOf(turn))];
    return { turn, way, later, ...encoded, decoded, owed: [client.owed, server.owed] };
  });
}

export const endOf = ({ closes }: Turn): FlushReason => (closes ? "closed" : "silence");

/** The codec of who receives the turns of one direction, once all these were said: it said the others. */
export function listen(samples: DialectSamples, said: readonly Said[], way: Way): Codec {
  const codec = open(samples);
  for (const one of said)
    if (one.way !== way) say(codec, one.turn, one.later);
    else readAll(codec[way], [one.bytes], endOf(one.turn));
  return codec;
}

/** Pieces of these sizes, the last one again and again. */
export function cutBy(bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + sizes[Math.min(i, sizes.length - 1)]!;
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

export interface Outcome {
  readonly decoded: readonly Decoded[];
  readonly mistake: string | undefined;
}

/** Decodes chunks up to what breaks the framing, and flushes. Any other error is a bug. */
export function readAll(direction: Direction, chunks: readonly Uint8Array[], why?: FlushReason): Outcome {
  const decoded: Decoded[] = [];
  try {
    for (const chunk of chunks) decoded.push(...direction.decode(chunk));
    if (why !== undefined) decoded.push(...direction.flush(why));
  } catch (error) {
    if (!isFramingError(error)) throw error;
    return { decoded: [...decoded, ...error.messages], mistake: error.message };
  }
  return { decoded, mistake: undefined };
}

/** A line with its part and the request that it answers, an end, or a mistake. */
export type Finding = string;

/** What was decoded, however it was cut: chunks do not show. */
export function findings({ decoded, mistake }: Outcome): readonly Finding[] {
  const found = decoded.flatMap(({ lines, part, to, interim, ends, stray, request }) => {
    const texts = lines.map((line) => `${part} ${to ?? "-"}: ${line}`);
    const end = [ends && `ends ${ends}`, interim && "interim", stray, request && JSON.stringify(request)];
    const text = end.filter(Boolean).join(", ");
    return text === "" ? texts : [...texts, `| ${text}`];
  });
  return mistake === undefined ? found : [...found, `! ${mistake}`];
}

/** Lines without their endings. */
export const linesOf = (decoded: readonly Decoded[]): readonly ByteString[] =>
  decoded.flatMap(({ lines }) => lines.map((line) => line.replace(/\r?\n$/, "")));

/** Each request once: one that goes on comes again. */
export const eachOnce = (requests: readonly Request[]): readonly Request[] =>
  requests.filter(({ id }, i) => requests.findIndex((one) => one.id === id) === i);
