/**
 * llhttp, the parser of Node itself, as the WebAssembly that undici ships (undici's own HTTP/1 client drives it the same
 * way): it knows where a response and its parts end (RFC 9112, section 6), undoes chunked coding and refuses what is
 * ambiguous. It holds no text: a piece of bytes is copied in, and what it finds there are offsets of that piece.
 */
import { loadLlhttp } from "../base/packages.ts";
import { FramingError } from "./dialect.ts";

/** What a parser calls while it reads. */
export interface ResponseListener {
  /** The header section is complete. Answers whether a body can follow. */
  onHead(status: number): boolean;
  onBody(bytes: Uint8Array): void;
  /** A piece of the name or the value of a trailer; the first piece of a name follows a value or nothing. */
  onTrailer(kind: "name" | "value", bytes: Uint8Array): void;
  /** The response is complete; `keepAlive` tells whether another may follow on the connection. */
  onEnd(keepAlive: boolean): void;
}

interface Llhttp {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(size: number): number;
  llhttp_alloc(type: number): number;
  llhttp_free(parser: number): void;
  llhttp_set_lenient_optional_cr_before_lf(parser: number, on: number): void;
  llhttp_execute(parser: number, bytes: number, length: number): number;
  llhttp_finish(parser: number): number;
  llhttp_resume(parser: number): void;
  llhttp_should_keep_alive(parser: number): number;
  llhttp_get_error_pos(parser: number): number;
  llhttp_get_error_reason(parser: number): number;
}

declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: unknown } }>;
};

const EMPTY = new Uint8Array();
const TYPE_RESPONSE = 2;
const OK = 0;
const PAUSED = 21;

/** The largest piece that is parsed at once, in bytes. */
export const WINDOW = 65_536;

let llhttp: Llhttp | undefined;
/** Where in llhttp's memory a piece of bytes is put, and a view of that place. */
let window = 0;
let view: Uint8Array = EMPTY;
let loading: Promise<void> | undefined;
/** The parser whose callbacks run: llhttp has one set of them for all. */
let active: ResponseParser;
const abandoned = new FinalizationRegistry<number>((parser) => llhttp!.llhttp_free(parser));

/** Compiles the parser; awaited before one is made. `require`, because a bundler would copy the 54 kB byte by byte. */
export function loadHttpParser(): Promise<void> {
  loading ??= (async () => {
    const bytes = loadLlhttp();
    const { instance } = await WebAssembly.instantiate(bytes, { env: CALLBACKS });
    llhttp = instance.exports as Llhttp;
    window = llhttp.malloc(WINDOW);
    view = new Uint8Array(llhttp.memory.buffer, window, WINDOW);
  })();
  return loading;
}

const CALLBACKS = {
  wasm_on_message_begin: (): number => OK,
  wasm_on_url: (): number => OK,
  wasm_on_status: (): number => OK,
  wasm_on_header_field: (_parser: number, at: number, length: number): number => active.found("name", at, length),
  wasm_on_header_value: (_parser: number, at: number, length: number): number => active.found("value", at, length),
  wasm_on_body: (_parser: number, at: number, length: number): number => active.found("body", at, length),
  wasm_on_headers_complete: (_parser: number, status: number): number => active.foundHead(status),
  wasm_on_message_complete: (): number => active.foundEnd(),
};

/** Reads the responses of one connection, a window of bytes after the other. */
export class ResponseParser {
  readonly #llhttp: Llhttp;
  readonly #pointer: number;
  readonly #listener: ResponseListener;
  #bytes: Uint8Array = EMPTY;
  #behindHead = false;
  stopped = false;

  constructor(listener: ResponseListener) {
    if (!llhttp) throw new Error("loadHttpParser() was not awaited");
    this.#llhttp = llhttp;
    this.#listener = listener;
    this.#pointer = llhttp.llhttp_alloc(TYPE_RESPONSE);
    // Small servers end their lines with LF alone, which a client may accept (RFC 9112, section 2.2).
    llhttp.llhttp_set_lenient_optional_cr_before_lf(this.#pointer, 1);
    abandoned.register(this, this.#pointer);
  }

  /**
   * Reads bytes, at most {@link WINDOW} of them, from an offset, and answers how far it came. Where it then has
   * `stopped`, behind a head or a response, it has to be called again from there, be that the end of the bytes.
   * @throws {FramingError}
   */
  read(bytes: Uint8Array, from: number): number {
    const parser = this.#llhttp;
    if (this.#bytes !== bytes) {
      // The memory is another one after it has grown.
      if (view.length === 0) view = new Uint8Array(parser.memory.buffer, window, WINDOW);
      view.set(bytes);
      this.#bytes = bytes;
    }
    active = this;
    const result = parser.llhttp_execute(this.#pointer, window + from, bytes.length - from);
    this.stopped = result === PAUSED;
    if (result === OK) {
      this.#bytes = EMPTY;
      return bytes.length;
    }
    if (result !== PAUSED) throw new FramingError(describe(this.#reason()));
    const at = parser.llhttp_get_error_pos(this.#pointer) - window;
    parser.llhttp_resume(this.#pointer);
    return at;
  }

  /** The connection was closed: completes a response that ends with it, and answers whether one was cut off. */
  finish(): boolean {
    active = this;
    const result = this.#llhttp.llhttp_finish(this.#pointer);
    return result !== OK && result !== PAUSED;
  }

  found(kind: "name" | "value" | "body", at: number, length: number): number {
    if (!this.#behindHead) return OK;
    const bytes = this.#bytes.subarray(at - window, at - window + length);
    if (kind === "body") this.#listener.onBody(bytes);
    else this.#listener.onTrailer(kind, bytes);
    return OK;
  }

  /** Where a body may follow, the parser stops here, else (1) it goes on to the end of the response and stops there. */
  foundHead(status: number): number {
    this.#behindHead = true;
    return this.#listener.onHead(status) ? PAUSED : 1;
  }

  foundEnd(): number {
    this.#behindHead = false;
    this.#listener.onEnd(this.#llhttp.llhttp_should_keep_alive(this.#pointer) !== 0);
    return PAUSED;
  }

  #reason(): string {
    const memory = Buffer.from(this.#llhttp.memory.buffer);
    const start = this.#llhttp.llhttp_get_error_reason(this.#pointer);
    return memory.toString("latin1", start, memory.indexOf(0, start));
  }
}

/** What llhttp found wrong, as a sentence about the response; the first expression that fits its reason. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^Expected HTTP\//, "what the server sends is no HTTP/1.x response"],
  [/version|dot/, "the status line names no version of HTTP/1"],
  [/status/, "the status line holds no status code of three digits"],
  [/Duplicate Content-Length/, "the response has two Content-Length headers"],
  [/present with/, "the response has both Content-Length and Transfer-Encoding, so where it ends is ambiguous"],
  [/Content-Length/, "the Content-Length of the response is no number of bytes"],
  [/Transfer-Encoding/, "the Transfer-Encoding of the response is malformed"],
  [/size overflow/, "the size of a chunk is too large a number"],
  [/chunk size/, "the size of a chunk is not a hexadecimal number before CRLF"],
  [/chunk ext/, "the extension behind the size of a chunk is malformed"],
  [/chunk|STRICT/, "a chunk does not end where its size says"],
  [/Data after/, "the server sends more after a response that ends the connection"],
  [/whitespace after header value/, "a header goes on in a second line, which HTTP/1.1 forbids"],
  [/header value char/, "the value of a header holds a control character"],
  [/header (?:token|field)/, 'a line among the headers is no "Name: value"'],
  [/[CL][RF] after/, "a line of the response holds a CR that no LF follows"],
];

function describe(reason: string): string {
  return REASONS.find(([expression]) => expression.test(reason))?.[1] ?? `the response breaks HTTP/1.1: ${reason}`;
}
