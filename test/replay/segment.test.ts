import { createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { readSegment, type Segment } from "../../src/plan/segment.ts";
import type { Inputs } from "../../src/play/port.ts";
import { cutsOf, describeCuts } from "../../src/replay/cuts.ts";
import { SegmentedWire } from "../../src/replay/segmented-wire.ts";
import type { Connection } from "../../src/transports/transport.ts";
import { makeCertificates } from "../support/certificates.ts";
import { describeWith, startNginx, startRedis } from "../support/real-servers.ts";
import { example, replay } from "../support/replay.ts";

const RANDOM: Segment = { kind: "random", seed: 42 };
const CUTTING: readonly Segment[] = [{ kind: "lines" }, { kind: "bytes" }, RANDOM];

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");

describe("cuts", () => {
  test("are where they should be", () => {
    expect(cutsOf(bytesOf("ab\ncd\n"), { kind: "whole" })).toEqual([]);
    expect(cutsOf(bytesOf("ab\n\ncd\n"), { kind: "lines" })).toEqual([3, 4]);
    expect(cutsOf(bytesOf("ab\ncd"), { kind: "lines" })).toEqual([3]);
    expect(cutsOf(bytesOf("abc"), { kind: "bytes" })).toEqual([1, 2]);
    for (const segment of CUTTING) expect(cutsOf(bytesOf("a"), segment)).toEqual([]);
  });

  test("at random depend on the bytes and the seed alone, and leave no piece empty", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2, maxLength: 300 }), fc.nat(), (bytes, seed) => {
        const cuts = cutsOf(bytes, { kind: "random", seed });
        expect(cuts).toEqual(cutsOf(Uint8Array.from(bytes), { kind: "random", seed }));
        expect(cuts.length).toBeGreaterThan(0);
        for (const [i, cut] of cuts.entries()) expect(cut).toBeGreaterThan(cuts[i - 1] ?? 0);
        expect(cuts.at(-1)).toBeLessThan(bytes.length);
      }),
    );
    const seeds = Array.from({ length: 50 }, (_, seed) => seed);
    const places = new Set(seeds.map((seed) => `${cutsOf(bytesOf("PING\r\n"), { kind: "random", seed })}`));
    expect(places.size).toBeGreaterThan(10);
  });

  test("are told", () => {
    expect(describeCuts([], RANDOM)).toBeUndefined();
    expect(describeCuts([4], RANDOM)).toBe("sent in 2 pieces, cut after byte 4 (--segment random:42)");
    expect(describeCuts([1, 4], RANDOM)).toBe("sent in 3 pieces, cut after bytes 1, 4 (--segment random:42)");
    expect(describeCuts([1], { kind: "bytes" })).toBe("sent byte by byte (--segment bytes)");
  });

  test("are read from the command line", () => {
    expect(readSegment("random:42")).toEqual(RANDOM);
    expect(readSegment("random")).toEqual({ kind: "random", seed: expect.any(Number) });
    for (const text of ["", "byte", "random:", "random:x", "random:-1", "random:4294967296", "bytes:1"])
      expect(readSegment(text)).toBeUndefined();
  });
});

/** A wire over a connection that notes what is done with it, and an end of the notes at `close`. */
function wireTo(segment: Segment): { wire: SegmentedWire; log: string[]; told: string[]; tell(text: string): void } {
  const log: string[] = [];
  const told: string[] = [];
  let receive: ((chunk: Uint8Array) => void) | undefined;
  const connection: Connection = {
    send: (bytes) => {
      log.push(Buffer.from(bytes).toString("latin1"));
      return undefined;
    },
    receive: ({ data }) => {
      receive = data;
    },
    pause: () => {},
    resume: () => {},
    halfClose: () => log.push("half-close"),
    close: () => log.push("close"),
    reset: () => log.push("reset"),
  };
  const target = { url: "", scheme: "tcp", host: "", port: 0, path: "", tls: {} };
  const wire = new SegmentedWire(target, connection, segment);
  const inputs: Inputs = {
    bytes: (chunk) => told.push(Buffer.from(chunk).toString("latin1")),
    closed: () => told.push("closed"),
    due: () => told.push("due"),
  };
  wire.attach(inputs);
  return { wire, log, told, tell: (text) => receive?.(bytesOf(text)) };
}

describe("a wire that writes in pieces", () => {
  test("writes one at a time, and acts after the last one", async () => {
    const { wire, log } = wireTo({ kind: "bytes" });
    wire.send(bytesOf("abc"));
    wire.send(bytesOf("de"));
    wire.act("half-close");
    expect(log).toEqual(["a"]);
    await expect.poll(() => log).toEqual(["a", "b", "c", "d", "e", "half-close"]);
    wire.send(bytesOf("f"));
    wire.act("close");
    expect(log.slice(6)).toEqual(["f", "close"]);
  });

  test("tells nothing after a close that still waits", async () => {
    const { wire, log, told, tell } = wireTo({ kind: "bytes" });
    wire.send(bytesOf("abc"));
    tell("before");
    wire.act("close");
    tell("after");
    await expect.poll(() => log.at(-1)).toBe("close");
    expect(told).toEqual(["before"]);
  });

  test("counts the time for a reply from the last piece on", async () => {
    const { wire, log, told } = wireTo({ kind: "bytes" });
    wire.send(new Uint8Array(40));
    wire.alarm(0);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(log.length).toBeLessThan(40);
    expect(told).toEqual([]);
    await expect.poll(() => told).toEqual(["due"]);
    expect(log).toHaveLength(40);
  });

  test("writes a large request in time", async () => {
    const { wire, log } = wireTo({ kind: "bytes" });
    wire.send(new Uint8Array(100_000));
    await expect.poll(() => log.length, { timeout: 20_000 }).toBe(100_000);
  });
});

let server: Server | undefined;
afterEach(() => server?.close());

const listen = async (one: Server): Promise<number> => {
  server = one;
  await new Promise<void>((resolve) => one.listen(0, "127.0.0.1", resolve));
  return (one.address() as { port: number }).port;
};

describe("a server that takes one read for one request", () => {
  const flawed = () =>
    createServer((socket) => {
      socket.on("data", (read) => socket.write(String(read) === "PING\r\nPING\r\n" ? "PONG\r\n" : "ERROR\r\n"));
    });

  test("passes where requests are sent whole, and is found out where they are not", async () => {
    const target = `tcp://127.0.0.1:${await listen(flawed())}`;
    const text = example(target, ">>> PING\n>>> PING\nPONG");
    expect((await replay(text)).failures).toEqual([]);
    expect((await replay(text, { segment: { kind: "whole" } })).failures).toEqual([]);
    const messages: string[] = [];
    for (const segment of CUTTING) {
      const { exchanges } = await replay(text, { segment });
      messages.push(exchanges[0]?.failure?.message ?? "passed");
    }
    expect(messages).toEqual([
      'expected "PONG", got "ERROR"; sent line by line (--segment lines)',
      'expected "PONG", got "ERROR"; sent byte by byte (--segment bytes)',
      expect.stringMatching(/^expected "PONG", got "ERROR"; sent in \d pieces, cut after .* \(--segment random:42\)$/),
    ]);
  });

  describeWith(["openssl"], "over TLS", () => {
    test("is found out", async () => {
      const { ca, cert, key } = makeCertificates(["IP:127.0.0.1"]);
      const secure = createTlsServer({ cert, key, ca }, (socket) => {
        socket.on("data", (read) => socket.write(String(read) === "PING\r\n" ? "PONG\r\n" : "ERROR\r\n"));
        socket.on("error", () => {});
      });
      const text = example(`tls://127.0.0.1:${await listen(secure)}`, ">>> PING\nPONG");
      expect((await replay(text)).failures).toEqual([]);
      expect((await replay(text, { segment: { kind: "bytes" } })).failures).toEqual(["mismatch:6"]);
    });
  });
});

describeWith(["redis-server"], "redis and segments", () => {
  test.each(CUTTING)("passes whatever is cut: $kind", async (segment) => {
    const redis = await startRedis();
    try {
      const text = example(redis.target, '>>> SET a "1 2"\nOK\n>>> GET a\n"1 2"\n=== half-close\n=== closed');
      expect((await replay(text, { segment })).failures).toEqual([]);
    } finally {
      await redis.stop();
    }
  });
});

describeWith(["nginx"], "nginx and segments", () => {
  test.each(CUTTING)("passes whatever is cut: $kind", async (segment) => {
    const nginx = await startNginx();
    try {
      const text = example(nginx.target, ">>> GET / HTTP/1.1\n>>> Accept: */*\nHTTP/1.1 200 OK\n\nhello");
      expect((await replay(text, { segment })).failures).toEqual([]);
    } finally {
      await nginx.stop();
    }
  });
});
