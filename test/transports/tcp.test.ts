import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { tcp } from "../../src/transports/tcp.ts";
import { describeTransport, Recorder } from "../contract/transport.ts";
import { listenPlain, targetOf } from "../support/listening.ts";

const never = new AbortController().signal;

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

describeTransport("tcp", {
  transport: tcp,
  listen: () => listenPlain("tcp", { port: 0, host: "127.0.0.1" }),
  async refused() {
    const port = await unusedPort();
    return { target: targetOf("tcp", { host: "127.0.0.1", port }), message: `connect ECONNREFUSED 127.0.0.1:${port}` };
  },
  deviations: {},
});

describe("tcp", () => {
  test("takes the schemes tcp, http and redis", () => {
    expect(tcp.schemes).toEqual(["tcp", "http", "redis"]);
  });

  test("finds a server that listens on only one of the addresses of localhost", async () => {
    const server = await listenPlain("tcp", { port: 0, host: "127.0.0.1" });
    try {
      const connection = await tcp.connect({ ...server.target, host: "localhost" }, never);
      const peer = await server.next();
      const recorder = new Recorder();
      connection.receive(recorder);
      peer.end("hello");
      await recorder.closing();
      expect(recorder.text).toBe("hello");
      connection.close();
    } finally {
      await server.close();
    }
  });

  test("tells one refusal where a name has several addresses", async () => {
    const port = await unusedPort();
    const error = await tcp.connect(targetOf("tcp", { host: "localhost", port }), never).catch((error) => error);
    expect(error.code).toBe("ECONNREFUSED");
    expect(error.message).toMatch(new RegExp(`^connect ECONNREFUSED (::1|127\\.0\\.0\\.1):${port}$`));
  });

  test("sends after the server's FIN, until it is closed", async () => {
    const server = await listenPlain("tcp", { port: 0, host: "127.0.0.1" });
    try {
      const connection = await tcp.connect(server.target, never);
      const peer = await server.next();
      const recorder = new Recorder();
      connection.receive(recorder);
      peer.end();
      await recorder.closing();
      await connection.send(Buffer.from("goodbye"));
      const [chunk] = await once(peer.resume(), "data");
      expect(`${chunk}`).toBe("goodbye");
      connection.close();
    } finally {
      await server.close();
    }
  });

  test("a signal interrupts the wait for a server that does not accept", async () => {
    // A process that listens and then never takes a turn again: two connections fill its queue.
    const script = `require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () {
      process.stdout.write(this.address().port + "\\n", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    })`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    const fillers: Socket[] = [];
    try {
      const [line] = await once(child.stdout, "data");
      const target = targetOf("tcp", { host: "127.0.0.1", port: Number(line) });
      for (let i = 0; i < 2; i++) {
        const filler = connect({ host: "127.0.0.1", port: target.port });
        fillers.push(filler);
        await once(filler, "connect");
      }
      const controller = new AbortController();
      const connecting = tcp.connect(target, controller.signal);
      const reason = new Error("out of time");
      const timer = setTimeout(() => controller.abort(reason), 50);
      await expect(connecting).rejects.toBe(reason);
      clearTimeout(timer);
    } finally {
      for (const filler of fillers) filler.destroy();
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    }
  });
});
