import { once } from "node:events";
import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";

/** A member that plays what members do wrong: on HTTP/2, with gRPC's frames. */
export interface EtcdPeer {
  readonly endpoint: string;
  /** The calls that came, `KV/Range`. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

export interface Call {
  readonly method: string;
  /** Which call of this peer it is, from 0 on. */
  readonly index: number;
  readonly token: string | undefined;
  readonly stream: ServerHttp2Stream;
  /** Answers with a message, and says that all is well. */
  answer(message: Uint8Array): void;
  /** Sends frames and leaves it at that. */
  send(bytes: Uint8Array): void;
  /** Ends with a status of gRPC. */
  fail(status: number, text: string): void;
  reset(code?: number): void;
  /** Cuts the connection. */
  cut(): void;
}

export const frame = (message: Uint8Array, { compressed = 0, length = message.length } = {}): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix[0] = compressed;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
};

export async function etcdPeer(play: (call: Call) => void): Promise<EtcdPeer> {
  const calls: string[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {}).on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    const method = String(headers[":path"]).replace("/etcdserverpb.", "");
    const index = calls.push(method) - 1;
    const open = (): void => {
      if (!stream.headersSent) stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true });
    };
    const end = (status: number, text: string): void => {
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": status, "grpc-message": encodeURI(text) }));
      open();
      stream.end();
    };
    const perform = () =>
      play({
        method,
        index,
        token: headers.token as string | undefined,
        stream,
        send(bytes) {
          open();
          stream.write(bytes);
        },
        answer(message) {
          open();
          stream.write(frame(message));
          end(0, "");
        },
        fail: end,
        reset: (code = constants.NGHTTP2_INTERNAL_ERROR) => stream.close(code),
        cut: () => stream.session?.destroy(),
      });
    // Once the whole request is there.
    stream.once("data", perform);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    endpoint: `http://127.0.0.1:${port}`,
    calls,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}
