/**
 * Undoes the content codings of a body (RFC 9110, section 8.4.1): gzip, deflate (with zlib's header, or without it as
 * some servers send it), br. Synchronous, so that a decoder of the dialect stays one step from bytes to lines; the price
 * is that a body is decoded as a whole at its end. Of a stream of events, which may have no end, everything that came is
 * decoded anew with each chunk, as long as that work stays within a budget: what is beyond it shows at the end.
 */
import { formatSize } from "../base/size.ts";
import { FramingError } from "./dialect.ts";
import { ByteStore } from "./http-lines.ts";

export type Coding = "gzip" | "deflate" | "br";

const NAMES: Readonly<Record<string, Coding>> = { gzip: "gzip", "x-gzip": "gzip", deflate: "deflate", br: "br" };
/** More codings one on the other than this are an attack, not a need. */
const MAX_CODINGS = 5;
/** What one attempt costs besides its bytes, counted in bytes. */
const ATTEMPT_COST = 65_536;
/** How many times the limit a live body may be decoded anew. */
const LIVE_BUDGET = 16;

/**
 * The codings of `Content-Encoding` (or of `Transfer-Encoding`) from the outermost on, up to the first one that is not
 * known: what lies under that stays as it is.
 */
export function knownCodings(header: string): readonly Coding[] {
  const codings: Coding[] = [];
  const names = header
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  for (const name of names.reverse()) {
    if (name === "" || name === "identity") continue;
    const coding = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
    if (!coding) break;
    codings.push(coding);
  }
  if (codings.length > MAX_CODINGS)
    throw new FramingError(`the body is encoded ${codings.length} times, more than ${MAX_CODINGS}`);
  return codings;
}

export class ContentDecoder {
  readonly #codings: readonly Coding[];
  readonly #limit: number;
  readonly #encoded = new ByteStore();
  /** How much of what is decoded was given out. */
  #given = 0;
  #work = 0;

  /** `limit`: the largest body, encoded or decoded, in bytes. */
  constructor(codings: readonly Coding[], limit: number) {
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
    return this.#work > this.#limit * LIVE_BUDGET ? new Uint8Array() : this.#decode(true);
  }

  /** The rest; `cut`: the connection was closed in the middle of it. @throws {FramingError} */
  end(cut: boolean): Uint8Array {
    return this.#encoded.length === 0 ? new Uint8Array() : this.#decode(cut);
  }

  #decode(partial: boolean): Uint8Array {
    let bytes: Uint8Array = this.#encoded.view();
    for (const coding of this.#codings) bytes = decode(coding, bytes, this.#limit, partial);
    const rest = bytes.subarray(this.#given);
    this.#given = bytes.length;
    return rest;
  }
}

export const tooLarge = (limit: number): FramingError =>
  new FramingError(`the response is larger than the limit of ${formatSize(limit)}`);

function decode(coding: Coding, bytes: Uint8Array, limit: number, partial: boolean): Uint8Array {
  // Not imported above: few bodies are encoded, and loading zlib takes some milliseconds.
  const zlib = process.getBuiltinModule("node:zlib");
  const { Z_SYNC_FLUSH, Z_FINISH, BROTLI_OPERATION_FLUSH, BROTLI_OPERATION_FINISH } = zlib.constants;
  const maxOutputLength = limit;
  const options = { maxOutputLength, finishFlush: partial ? Z_SYNC_FLUSH : Z_FINISH };
  try {
    switch (coding) {
      case "gzip":
        return zlib.gunzipSync(bytes, options);
      case "deflate":
        return hasZlibHeader(bytes) ? zlib.inflateSync(bytes, options) : zlib.inflateRawSync(bytes, options);
      case "br": {
        const finishFlush = partial ? BROTLI_OPERATION_FLUSH : BROTLI_OPERATION_FINISH;
        return zlib.brotliDecompressSync(bytes, { maxOutputLength, finishFlush });
      }
      default:
        return coding satisfies never;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(limit);
    throw new FramingError(`the body is not ${coding} as its encoding says: ${message}`);
  }
}

/** RFC 1950, section 2.2: the method is 8, and the first two bytes are a multiple of 31. One byte alone is not enough. */
function hasZlibHeader(bytes: Uint8Array): boolean {
  const [first = 0, second] = bytes;
  return (first & 0x0f) === 8 && (second === undefined || (first * 256 + second) % 31 === 0);
}
