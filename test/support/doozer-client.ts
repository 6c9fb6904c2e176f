import { once } from "node:events";
import { connect, type Socket } from "node:net";
import protobuf from "protobufjs/minimal.js";

/**
 * A client of Doozer's protocol on one connection, written from the protocol and not from the server's code: a 4-byte
 * big-endian length, then a proto2 message (`ha/doozerd` server/msg.proto). Requests are told apart by their tags, so
 * that a WAIT may stay open beside others.
 */

const VERBS = { GET: 1, SET: 2, DEL: 3, REV: 5, WAIT: 6, NOP: 7, WALK: 9, GETDIR: 14, STAT: 16, SELF: 20, ACCESS: 99 };
const CODES: Readonly<Record<number, string>> = {
  ...{ 1: "TAG_IN_USE", 2: "UNKNOWN_VERB", 3: "READONLY", 4: "TOO_LATE", 5: "REV_MISMATCH", 6: "BAD_PATH" },
  ...{ 7: "MISSING_ARG", 8: "RANGE", 20: "NOTDIR", 21: "ISDIR", 22: "NOENT", 127: "OTHER" },
};
const LARGEST_TAG = 0x7fff_ffff;

export interface DoozerRequest {
  readonly verb: keyof typeof VERBS;
  readonly path?: string;
  readonly value?: Uint8Array;
  readonly offset?: number;
  readonly rev?: number;
}

export interface DoozerReply {
  readonly flags: number;
  readonly rev: number;
  readonly path: string;
  readonly value: Uint8Array;
  readonly length: number;
}

/** The server's answer is an error: nothing was done, unless `code` is OTHER and `detail` says else. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: string;
  readonly detail: string;
  constructor(code: string, detail: string) {
    super(detail === "" ? code : `${code}: ${detail}`);
    this.code = code;
    this.detail = detail;
  }
}

/** A request was sent and no answer came: what became of it is unknown. */
export class Lost extends Error {
  override readonly name = "Lost";
}

/** Nothing was sent. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

interface Waiting {
  resolve(reply: DoozerReply): void;
  reject(error: Error): void;
}

export class DoozerClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #received: Buffer = Buffer.alloc(0);
  #tag = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", () => {});
    socket.on("close", () => {
      for (const { reject } of this.#waiting.values()) reject(new Lost("the connection was lost"));
      this.#waiting.clear();
    });
  }

  /** @throws {Unreachable} */
  static async connect(port: number): Promise<DoozerClient> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    try {
      await once(socket, "connect", { signal: AbortSignal.timeout(2000) });
    } catch (error) {
      socket.destroy();
      throw new Unreachable(`127.0.0.1:${port}: ${(error as Error).message}`);
    }
    return new DoozerClient(socket);
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  /**
   * @param patience how long the answer may take, in milliseconds; the connection is given up then, as an answer that
   * comes later would be taken for none.
   * @throws {Refused} {@link Lost} {@link Unreachable}
   */
  async request(request: DoozerRequest, patience?: number): Promise<DoozerReply> {
    if (!this.isOpen) throw new Unreachable("the connection is closed");
    this.#tag = this.#tag === LARGEST_TAG ? 0 : this.#tag + 1;
    const tag = this.#tag;
    const timer = patience === undefined ? undefined : setTimeout(() => this.#socket.destroy(), patience);
    try {
      return await new Promise<DoozerReply>((resolve, reject) => {
        this.#waiting.set(tag, { resolve, reject });
        this.#socket.write(frame(tag, request));
      });
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readUInt32BE();
      if (this.#received.length < end) return;
      const body = this.#received.subarray(4, end);
      this.#received = this.#received.subarray(end);
      this.#answer(body);
    }
  }

  #answer(body: Uint8Array): void {
    const { tag, code, detail, ...reply } = decode(body);
    const waiting = this.#waiting.get(tag);
    // An answer that nobody waits for: the server is not to be trusted with anything any more.
    if (!waiting) return void this.#socket.destroy();
    this.#waiting.delete(tag);
    if (code === 0) waiting.resolve(reply);
    else waiting.reject(new Refused(CODES[code] ?? `${code}`, detail));
  }
}

function frame(tag: number, { verb, path, value, offset, rev }: DoozerRequest): Uint8Array {
  const writer = protobuf.Writer.create().uint32(field(1, 0)).int32(tag).uint32(field(2, 0)).int32(VERBS[verb]);
  if (path !== undefined) writer.uint32(field(4, 2)).string(path);
  if (value !== undefined) writer.uint32(field(5, 2)).bytes(value);
  if (offset !== undefined) writer.uint32(field(7, 0)).int32(offset);
  if (rev !== undefined) writer.uint32(field(9, 0)).int64(rev);
  const body = writer.finish();
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

const field = (number: number, wireType: number): number => (number << 3) | wireType;

type Decoded = DoozerReply & { readonly tag: number; readonly code: number; readonly detail: string };

function decode(body: Uint8Array): Decoded {
  const reader = protobuf.Reader.create(body);
  const reply: { -readonly [K in keyof Decoded]: Decoded[K] } = {
    ...{ tag: -1, flags: 0, rev: 0, path: "", value: new Uint8Array(), length: 0, code: 0, detail: "" },
  };
  while (reader.pos < reader.len) {
    const key = reader.uint32();
    switch (key >>> 3) {
      case 1:
        reply.tag = reader.int32();
        break;
      case 2:
        reply.flags = reader.int32();
        break;
      case 3:
        reply.rev = Number(reader.int64());
        break;
      case 5:
        reply.path = reader.string();
        break;
      case 6:
        reply.value = reader.bytes();
        break;
      case 8:
        reply.length = reader.int32();
        break;
      case 100:
        reply.code = reader.int32();
        break;
      case 101:
        reply.detail = reader.string();
        break;
      default:
        reader.skipType(key & 7);
    }
  }
  return reply;
}
