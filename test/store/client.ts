import { once } from "node:events";
import { connect, type Socket } from "node:net";
import protobuf from "protobufjs";

/** Doozer's messages, written down apart from the store's own reader and writer. */
const { root } = protobuf.parse(
  `syntax = "proto2";
  message Request {
    optional int32 tag = 1; optional int32 verb = 2; optional string path = 4; optional bytes value = 5;
    optional int32 other_tag = 6; optional int32 offset = 7; optional int64 rev = 9;
  }
  message Response {
    optional int32 tag = 1; optional int32 flags = 2; optional int64 rev = 3; optional string path = 5;
    optional bytes value = 6; optional int32 len = 8; optional int32 err_code = 100; optional bytes err_detail = 101;
  }`,
  { keepCase: true },
);
const RequestType = root.lookupType("Request");
const ResponseType = root.lookupType("Response");

const VERBS = { GET: 1, SET: 2, DEL: 3, REV: 5, WAIT: 6, NOP: 7, WALK: 9, GETDIR: 14, STAT: 16, SELF: 20, ACCESS: 99 };

export interface RequestFields {
  readonly tag?: number;
  readonly path?: string;
  readonly value?: string | Uint8Array;
  readonly offset?: number;
  readonly rev?: number;
}

/** A reply as text and numbers; what was not sent is not there. */
export type Reply = Readonly<Record<string, string | number>>;

/** A request with its length. */
export function encode(verb: keyof typeof VERBS, { value, ...fields }: RequestFields = {}): Buffer {
  const message = { ...fields, verb: VERBS[verb], ...(value === undefined ? {} : { value: Buffer.from(value) }) };
  return framed(RequestType.encode(RequestType.create(message)).finish());
}

export function framed(body: Uint8Array): Buffer {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length);
  frame.set(body, 4);
  return frame;
}

export function decode(body: Uint8Array): Reply {
  const { value, err_detail, ...fields } = ResponseType.toObject(ResponseType.decode(body), { longs: Number });
  const texts = { ...(value && { value: value.toString() }), ...(err_detail && { err_detail: err_detail.toString() }) };
  return { ...fields, ...texts };
}

/** A client on a socket: sends bytes, and hands over the frames that come. */
export class Client {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #isClosed = false;
  #wake: () => void = () => {};

  private constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    this.socket.on("data", (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    const close = (): void => {
      this.#isClosed = true;
      this.#wake();
    };
    this.socket.on("end", close).on("error", close).on("close", close);
  }

  static async open(port: number): Promise<Client> {
    const client = new Client(port);
    await once(client.socket, "connect");
    return client;
  }

  /** Bytes, or hexadecimal digits with spaces. */
  send(bytes: Uint8Array | string): this {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes.replaceAll(" ", ""), "hex") : bytes);
    return this;
  }

  /** The body of the next frame; undefined where the server has closed. */
  async body(): Promise<Buffer | undefined> {
    for (;;) {
      const length = this.#received.length < 4 ? undefined : this.#received.readInt32BE();
      if (length !== undefined && this.#received.length >= 4 + length) {
        const body = this.#received.subarray(4, 4 + length);
        this.#received = this.#received.subarray(4 + length);
        return body;
      }
      if (this.#isClosed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async reply(): Promise<Reply> {
    const body = await this.body();
    if (body === undefined) throw new Error("the server has closed the connection");
    return decode(body);
  }

  /** The next frame as a recording has it. */
  async frame(): Promise<string> {
    const body = await this.body();
    return body === undefined ? "closed" : framed(body).toString("hex").replace(/^.{8}/, "$& ");
  }

  ask(verb: keyof typeof VERBS, fields: RequestFields = {}): Promise<Reply> {
    return this.send(encode(verb, fields)).reply();
  }

  /** What came and was not asked for; empty. */
  get unread(): string {
    return this.#received.toString("hex");
  }

  /** Resolves when the server has closed. */
  async closed(): Promise<void> {
    while (!this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async close(): Promise<void> {
    if (this.socket.destroyed) return;
    this.socket.destroy();
    await once(this.socket, "close");
  }
}
