/**
 * Undoes the content codings of a body (RFC 9110, section 8.4.1): gzip, deflate (with zlib's header, or without it as
 * some servers send it), br, and zstd where Node has it. Synchronous, so that a decoder of the dialect stays one step from bytes to lines; the price
 * is that a body is decoded as a whole at its end. Of a stream of events, which may have no end, everything that came is
 * decoded anew with each chunk, as long as that work stays within a budget: what is beyond it shows at the end.
 */
import { formatSize } from "../../base/size.ts";
import { FramingError } from "../errors.ts";
import { ByteStore } from "./lines.ts";

export type Coding = "gzip" | "deflate" | "br" | "zstd";

const NAMES: Readonly<Record<string, Coding>> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "br",
  zstd: "zstd",
};
/** More codings one on the other than this are an attack, not a need. */
const MAX_CODINGS = 5;
/** What one attempt costs besides its bytes, counted in bytes. */
const ATTEMPT_COST = 65_536;
/** How many times the limit a live body may be decoded anew. */
const LIVE_BUDGET = 16;

/** The codings of a body from the outermost on. */
export interface Codings {
  readonly known: readonly Coding[];
  /** The first one that cannot be undone here: what lies under it stays as it is. */
  readonly unknown: string | undefined;
}

const NONE: Codings = { known: [], unknown: undefined };

/** Those that a head names. Transfer codings lie around the content codings; "chunked" is not one of these. */
export function codingsOf(headers: ReadonlyMap<string, string>): Codings {
  const content = headers.get("content-encoding");
  const transfer = headers.get("transfer-encoding");
  if (content === undefined && (transfer === undefined || /^chunked$/i.test(transfer))) return NONE;
  const names = `${content ?? ""},${transfer ?? ""}`
    .toLowerCase()
    .split(",")
    .map((name) => name.replace(/;.*/s, "").trim())
    .filter((name) => name !== "" && name !== "identity" && name !== "chunked");
  const known: Coding[] = [];
  for (const name of names.reverse()) {
    const coding = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
    if (!coding || (coding === "zstd" && !zstd())) return { known, unknown: name };
    known.push(coding);
  }
  return { known, unknown: undefined };
}

type Decompress = (bytes: Uint8Array, options: object) => Uint8Array;

/** Node has it from 22.15 on. */
const zstd = (): Decompress | undefined =>
  (process.getBuiltinModule("node:zlib") as { zstdDecompressSync?: Decompress }).zstdDecompressSync;

export class ContentDecoder {
  readonly #codings: readonly Coding[];
  readonly #limit: number;
  readonly #encoded = new ByteStore();
  /** How much of what is decoded was given out. */
  #given = 0;
  #work = 0;

  /** `limit`: the largest body, encoded or decoded, in bytes. @throws {FramingError} */
  constructor(codings: readonly Coding[], limit: number) {
    if (codings.length > MAX_CODINGS)
      throw new FramingError(`the body is encoded ${codings.length} times, more than ${MAX_CODINGS}`);
    this.#codings = codings;
    this.#limit = limit;
  }

  /** @throws {FramingError} */
  push(bytes: Uint8Array): void {
    this.#encoded.push(bytes);
    if (this.#encoded.length > this.#limit) throw tooLarge(this.#limit);
  }

  /** What can be read so far and was not given out yet. @throws {FramingError} */
  soFar(): Uint8Array {
    this.#work += this.#encoded.length + this.#given + ATTEMPT_COST;
    return this.#work > this.#limit * LIVE_BUDGET ? NOTHING : this.#decode(true);
  }

  /** The rest; `cut`: the connection was closed in the middle of it. @throws {FramingError} */
  end(cut: boolean): Uint8Array {
    return this.#encoded.length === 0 ? NOTHING : this.#decode(cut);
  }

  #decode(partial: boolean): Uint8Array {
    let bytes: Uint8Array = this.#encoded.view();
    for (const [i, coding] of this.#codings.entries()) {
      const { decoded, rest, problem } = decode(coding, bytes, this.#limit, partial);
      // Under a further coding, what was decoded is nothing to read yet.
      const isReadable = i === this.#codings.length - 1;
      if (problem !== undefined)
        throw isReadable
          ? new EncodedBodyError(problem, decoded.subarray(this.#given), rest)
          : new EncodedBodyError(problem, NOTHING, bytes);
      bytes = decoded;
    }
    const rest = bytes.subarray(this.#given);
    this.#given = bytes.length;
    return rest;
  }
}

const NOTHING = new Uint8Array();

/** A body that is not what its encoding says. */
export class EncodedBodyError extends FramingError {
  /** What can be read of it and was not given out yet. */
  readonly decoded: Uint8Array;
  /** The bytes that could not be decoded. */
  readonly rest: Uint8Array;

  constructor(message: string, decoded: Uint8Array, rest: Uint8Array) {
    super(message);
    this.decoded = decoded;
    this.rest = rest;
  }
}

export const tooLarge = (limit: number, subject = "response"): FramingError =>
  new FramingError(`the ${subject} is larger than the limit of ${formatSize(limit)}`);

interface Outcome {
  readonly decoded: Uint8Array;
  readonly rest: Uint8Array;
  /** What is wrong with the data; undefined where nothing is. */
  readonly problem: string | undefined;
}

/** @throws {FramingError} where what it decodes to is too large. */
function decode(coding: Coding, bytes: Uint8Array, limit: number, partial: boolean): Outcome {
  try {
    const { buffer, engine } = decompress(coding, bytes, limit, partial) as unknown as Decoded;
    const rest = bytes.subarray(engine.bytesWritten);
    return { decoded: buffer, rest, problem: rest.length === 0 ? undefined : tooMuch(coding, rest) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(limit);
    const end = coding === "gzip" ? endOfMember(bytes, limit) : undefined;
    // zlib reads whatever follows as a second member; here it does not begin as one.
    if (end !== undefined && end < bytes.length && bytes[end] !== GZIP[0]) {
      const { decoded } = decode(coding, bytes.subarray(0, end), limit, partial);
      return { decoded, rest: bytes.subarray(end), problem: tooMuch(coding, bytes.subarray(end)) };
    }
    if (code === "Z_BUF_ERROR" && !partial) {
      const { decoded } = decode(coding, bytes, limit, true);
      const rest = decoded.length === 0 ? bytes : NOTHING;
      return { decoded, rest, problem: `the ${coding} data of the body is incomplete` };
    }
    return { decoded: NOTHING, rest: bytes, problem: `the body is not ${coding} as its encoding says: ${message}` };
  }
}

const tooMuch = (coding: Coding, { length }: Uint8Array): string =>
  `${length === 1 ? "a byte follows" : `${length} bytes follow`} the end of the ${coding} data of the body`;

/** The first bytes of gzip data (RFC 1952, section 2.3.1), and what may stand between its header and the data. */
const GZIP = [0x1f, 0x8b, 8];
const FLAGS = { checksum: 2, extra: 4, name: 8, comment: 16 } as const;

/** Where the first member of gzip data ends; undefined where it does not. */
function endOfMember(bytes: Uint8Array, maxOutputLength: number): number | undefined {
  if (GZIP.some((byte, i) => bytes[i] !== byte)) return undefined;
  const flags = bytes[3] ?? 0;
  let at = 10;
  if (flags & FLAGS.extra) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  for (const text of [FLAGS.name, FLAGS.comment])
    if (flags & text) at = bytes.indexOf(0, at) < 0 ? bytes.length : bytes.indexOf(0, at) + 1;
  if (flags & FLAGS.checksum) at += 2;
  try {
    const zlib = process.getBuiltinModule("node:zlib");
    const data = bytes.subarray(at);
    const { engine } = zlib.inflateRawSync(data, { maxOutputLength, info: true }) as unknown as Decoded;
    return Math.min(at + engine.bytesWritten + CHECKSUM_AND_SIZE, bytes.length);
  } catch {
    return undefined;
  }
}

const CHECKSUM_AND_SIZE = 8;

/** What zlib answers under the option `info`: also how many bytes it has taken. */
interface Decoded {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

function decompress(coding: Coding, bytes: Uint8Array, maxOutputLength: number, partial: boolean): Uint8Array {
  // Not imported above: few bodies are encoded, and loading zlib takes some milliseconds.
  const zlib = process.getBuiltinModule("node:zlib");
  const { Z_SYNC_FLUSH, Z_FINISH, BROTLI_OPERATION_FLUSH, BROTLI_OPERATION_FINISH } = zlib.constants;
  const options = { maxOutputLength, finishFlush: partial ? Z_SYNC_FLUSH : Z_FINISH, info: true };
  switch (coding) {
    case "gzip":
      return zlib.gunzipSync(bytes, options);
    case "deflate":
      return hasZlibHeader(bytes) ? zlib.inflateSync(bytes, options) : zlib.inflateRawSync(bytes, options);
    case "br": {
      const finishFlush = partial ? BROTLI_OPERATION_FLUSH : BROTLI_OPERATION_FINISH;
      return zlib.brotliDecompressSync(bytes, { ...options, finishFlush });
    }
    case "zstd": {
      const { ZSTD_e_flush, ZSTD_e_end } = zlib.constants as unknown as Record<string, number>;
      return zstd()!(bytes, { ...options, finishFlush: partial ? ZSTD_e_flush : ZSTD_e_end });
    }
    default:
      return coding satisfies never;
  }
}

/** RFC 1950, section 2.2: the method is 8, and the first two bytes are a multiple of 31. One byte alone is not enough. */
function hasZlibHeader(bytes: Uint8Array): boolean {
  const [first = 0, second] = bytes;
  return (first & 0x0f) === 8 && (second === undefined || (first * 256 + second) % 31 === 0);
}
