import { constants } from "node:http2";
import { connect, createServer as createNetServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "../../../src/servers/free-port.ts";
import type { EngineError } from "../../../src/store/engine.ts";
import { EtcdClient } from "../../../src/store/etcd/client.ts";
import { etcdEngine } from "../../../src/store/etcd/etcd.ts";
import { makeCertificates } from "../../support/certificates.ts";
import { describeWith } from "../../support/real-servers.ts";
import { scriptedServer } from "../../support/scripted-server.ts";
import { type Call, type EtcdPeer, etcdPeer, frame } from "./peer.ts";
import { bytes, never } from "./support.ts";

const RANGE = "KV/Range";
const TXN = "KV/Txn";
const UNAVAILABLE = 14;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const client = (endpoints: readonly string[], options: { timeout?: number; attemptTimeout?: number } = {}) => {
  // What is not about time has enough of it.
  const made = new EtcdClient({ endpoints, timeout: 60_000, attemptTimeout: 60_000, ...options });
  closing.push(() => made.close());
  return made;
};

async function peer(play: (call: Call) => void): Promise<EtcdPeer> {
  const made = await etcdPeer(play);
  closing.push(() => made.close());
  return made;
}

const good = () => peer((call) => call.answer(bytes("good")));
/** What a request that has to fail fails with. */
const failure = async (request: Promise<unknown>): Promise<EngineError & { readonly cause: Error }> => {
  const error = await request.then(
    () => expect.unreachable(),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: "EngineError", cause: { name: "CallError" } });
  return error as EngineError & { readonly cause: Error };
};
const text = (message: Uint8Array) => Buffer.from(message).toString();

describe("a member that fails", () => {
  const neverAnswers = () => {};
  const answersHalf = (call: Call) => call.send(frame(bytes("go"), { length: 4 }));
  const HANGING: ReadonlySet<(call: Call) => void> = new Set([neverAnswers, answersHalf]);
  const failures: Readonly<Record<string, (call: Call) => void>> = {
    "resets the call": (call) => call.reset(),
    "cuts the connection": (call) => call.cut(),
    "resets in the middle of the answer": (call) => {
      call.send(frame(bytes("go"), { length: 4 }));
      setTimeout(() => call.reset(), 20);
    },
    "cuts in the middle of the answer": (call) => {
      call.send(frame(bytes("go"), { length: 4 }));
      setTimeout(() => call.cut(), 20);
    },
    "ends in the middle of the answer": (call) => {
      call.send(frame(bytes("go"), { length: 4 }));
      call.fail(0, "");
    },
    "says that all is well and nothing else": (call) => call.fail(0, ""),
    "never answers": neverAnswers,
    "answers half and hangs": answersHalf,
    "compresses unasked": (call) => call.send(frame(bytes("good"), { compressed: 1 })),
    "announces an endless message": (call) => call.send(frame(bytes("good"), { length: 0xffffffff })),
    "answers as a web server": (call) => {
      call.stream.respond({ ":status": 404, "content-type": "text/html" });
      call.stream.end("<html>");
    },
    "has timed out itself": (call) => call.fail(UNAVAILABLE, "etcdserver: request timed out"),
    "has lost its leader meanwhile": (call) => call.fail(UNAVAILABLE, "etcdserver: leader changed"),
    "is stopped": (call) => call.fail(UNAVAILABLE, "etcdserver: server stopped"),
    "has an error of its own": (call) => call.fail(13, "50% broken"),
  };

  test.each(Object.entries(failures))("%s: a read goes to the next one", async (_name, play) => {
    const [bad, next] = [await peer(play), await good()];
    const asking = client([bad.endpoint, next.endpoint], HANGING.has(play) ? { attemptTimeout: 1000 } : {});
    expect(text(await asking.read(RANGE, bytes("ask")))).toBe("good");
    expect([bad.calls, next.calls]).toEqual([[RANGE], [RANGE]]);
  });

  test.each(Object.entries(failures))("%s: a write is not repeated, and it is said", async (_name, play) => {
    const [bad, next] = [await peer(play), await good()];
    const asking = client([bad.endpoint, next.endpoint], HANGING.has(play) ? { timeout: 1000 } : {});
    const { message, unknown, cause } = await failure(asking.write(TXN, bytes("do")));
    expect(unknown).toBe(true);
    // Clients need not know where the members are.
    expect(message).not.toContain("127.0.0.1");
    expect(cause.message).toContain(bad.endpoint);
    expect([bad.calls, next.calls]).toEqual([[TXN], []]);
    expect(text(await asking.write(TXN, bytes("do")))).toBe("good");
  });

  test.each<[string, (call: Call) => void]>([
    ["refuses the stream", (call) => call.reset(constants.NGHTTP2_REFUSED_STREAM)],
    ["has no leader", (call) => call.fail(UNAVAILABLE, "etcdserver: no leader")],
    ["has too much to do", (call) => call.fail(8, "etcdserver: too many requests")],
    ["only learns", (call) => call.fail(UNAVAILABLE, "etcdserver: rpc not supported for learner")],
  ])("%s, before it did anything: a write goes to the next one", async (_name, play) => {
    const [bad, next] = [await peer(play), await good()];
    expect(text(await client([bad.endpoint, next.endpoint]).write(TXN, bytes("do")))).toBe("good");
    expect([bad.calls, next.calls]).toEqual([[TXN], [TXN]]);
  });

  test.each([
    [3, "etcdserver: request is too large", false, "--max-request-bytes"],
    [3, "etcdserver: user name is empty", false, "NAME:PASSWORD"],
    [7, "etcdserver: permission denied", false, "read and write all keys"],
    // A member that fills up carries a write out before it says so.
    [8, "etcdserver: mvcc: database space exceeded", true, "etcdctl defrag"],
    [11, "etcdserver: mvcc: required revision has been compacted", false, "compacted"],
    [12, "unknown service", false, "unknown service"],
  ])("refuses with status %i, %s: nobody else is asked", async (status, said, unknown, told) => {
    const [bad, next] = [await peer((call) => call.fail(status, said)), await good()];
    const failed = client([bad.endpoint, next.endpoint]).write(TXN, bytes("do"));
    await expect(failed).rejects.toMatchObject({ status, unknown });
    await expect(failed).rejects.toThrow(told);
    expect(next.calls).toEqual([]);
  });
});

test("a write whose answer cannot be read may have been made", async () => {
  const strange = await peer((call) => {
    // The revision 1, and that the watch stands.
    if (call.method === "Watch/Watch") call.send(frame(Buffer.of(0x0a, 2, 0x18, 1, 0x18, 1)));
    else call.answer(Buffer.of(0xff));
  });
  const engine = await etcdEngine({ endpoints: [strange.endpoint] });
  closing.push(() => engine.close());
  for (const write of [() => engine.set("/a", bytes("x"), -1), () => engine.del("/a", -1), () => engine.nop()])
    await expect(write()).rejects.toMatchObject({ name: "EngineError", unknown: true });
  await expect(engine.revision()).rejects.toMatchObject({ name: "EngineError", unknown: false });
});

describe("who is no member", () => {
  const withSilentServer = async (ask: (endpoint: string, count: () => number) => Promise<unknown>) => {
    let connections = 0;
    const server = createNetServer((socket) => {
      connections++;
      socket.on("error", () => {});
    }).listen(0, "127.0.0.1");
    closing.push(() => server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    await ask(`http://127.0.0.1:${(server.address() as { port: number }).port}`, () => connections);
  };

  test("takes connections and says nothing: the next one is asked, reads and writes", async () => {
    const next = await good();
    await withSilentServer(async (endpoint, count) => {
      const asking = client([endpoint, next.endpoint], { attemptTimeout: 1000 });
      expect(text(await asking.write(TXN, bytes("do")))).toBe("good");
      const alone = client([endpoint], { attemptTimeout: 100, timeout: 300 });
      const { unknown, cause } = await failure(alone.write(TXN, bytes("do")));
      expect(unknown).toBe(false);
      expect(cause.message).toBe(`${endpoint}: no connection within 100 ms`);
      // However often it was tried: it would keep them all.
      expect(count()).toBe(2);
    });
  });

  test("is not there: all that were asked are named, and nothing was written", async () => {
    const endpoints = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
    const { message, unknown, cause } = await failure(client(endpoints, { timeout: 200 }).write(TXN, bytes("do")));
    expect(unknown).toBe(false);
    expect(message).toBe("etcd: no member answered within 200 ms: no connection");
    const refused = endpoints.map((endpoint) => `${endpoint}: connect ECONNREFUSED ${new URL(endpoint).host}`);
    expect([refused.join("; "), refused.reverse().join("; ")]).toContain(cause.message);
  });

  test("speaks something else", async () => {
    const other = await scriptedServer(async (peer) => {
      peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
      await peer.stall();
    });
    closing.push(() => other.close());
    const next = await good();
    const endpoint = `http://127.0.0.1:${other.port}`;
    expect(text(await client([endpoint, next.endpoint]).write(TXN, bytes("do")))).toBe("good");
  });

  test("is no URL", () => {
    for (const endpoint of ["127.0.0.1:2379", "", "ftp://a", "http://a:1/b", "http://a?b", "http://u:secret@a/x"]) {
      expect(() => new EtcdClient({ endpoints: [endpoint] })).toThrow(/etcd member/);
      expect(() => new EtcdClient({ endpoints: [endpoint] })).not.toThrow(/secret/);
    }
    expect(() => new EtcdClient({ endpoints: [] })).toThrow("no etcd member is given");
  });
});

test("a call ends with its signal, at once and before it begins", async () => {
  const hanging = await peer(() => {});
  const asking = client([hanging.endpoint]);
  const controller = new AbortController();
  const read = asking.read(RANGE, bytes("ask"), controller.signal);
  await Promise.all([
    expect(read).rejects.toThrow("gone"),
    expect
      .poll(() => hanging.calls.length)
      .toBe(1)
      .then(() => controller.abort(new Error("gone"))),
  ]);
  await expect(asking.read(RANGE, bytes("ask"), AbortSignal.abort(new Error("over")))).rejects.toThrow("over");
  expect(hanging.calls).toHaveLength(1);
});

test("closing ends calls, and says of a write that nobody knows", async () => {
  const hanging = await peer(() => {});
  const asking = client([hanging.endpoint]);
  const calls = [asking.read(RANGE, bytes("ask")), asking.write(TXN, bytes("do"))].map((call) =>
    call.catch((error: unknown) => error),
  );
  await expect.poll(() => hanging.calls.length).toBe(2);
  await asking.close();
  expect(await Promise.all(calls)).toMatchObject([{ message: "the store is closing" }, { unknown: true }]);
  await expect(asking.read(RANGE, bytes("ask"), never())).rejects.toThrow("the store is closing");
});

test("a message comes whole, however it is cut", async () => {
  const message = Buffer.from("x".repeat(1000));
  const dribbling = await peer(async (call) => {
    for (const byte of frame(message)) {
      call.send(Buffer.of(byte));
      if (byte === 0) await new Promise(setImmediate);
    }
    call.fail(0, "");
  });
  expect(Buffer.from(await client([dribbling.endpoint]).read(RANGE, bytes("ask")))).toEqual(message);
});

test("a stream that stays silent is given up, and the next one goes elsewhere", async () => {
  const [silent, next] = [await peer(() => {}), await peer((call) => call.send(frame(bytes("good"))))];
  const asking = client([silent.endpoint, next.endpoint], { attemptTimeout: 1000 });
  const first = await asking.stream("Watch/Watch", bytes("ask"), () => {});
  await expect(first.ended).rejects.toThrow("not answered within 1000 ms");
  const taken: string[] = [];
  const second = await asking.stream("Watch/Watch", bytes("ask"), (message) => taken.push(text(message)));
  await expect.poll(() => taken).toEqual(["good"]);
  second.cancel();
  await second.ended;
});

test("a token is asked for with name and password, and again when it is no longer taken", async () => {
  let tokens = 0;
  const asked = await peer((call) => {
    if (call.method === "Auth/Authenticate") call.answer(Buffer.from(`\x12\x02t${++tokens}`));
    else if (call.token === "t1") call.fail(16, "etcdserver: invalid auth token");
    else call.answer(bytes(call.token ?? "none"));
  });
  const endpoint = asked.endpoint.replace("//", "//me:p%40ss@");
  expect(text(await client([endpoint]).write(TXN, bytes("do")))).toBe("t2");
  expect(asked.calls).toEqual(["Auth/Authenticate", TXN, "Auth/Authenticate", TXN]);
});

describeWith(["openssl"], "over TLS", () => {
  test("trusts the authority that it is given and no other", async () => {
    const hidden = await good();
    const certificates = makeCertificates(["IP:127.0.0.1"]);
    const front = createTlsServer({ ...certificates, ALPNProtocols: ["h2"] }, (socket) => {
      const behind = connect(Number(new URL(hidden.endpoint).port), "127.0.0.1");
      for (const [from, to] of [
        [socket, behind],
        [behind, socket],
      ] as const)
        from.on("error", () => to.destroy()).pipe(to);
    }).listen(0, "127.0.0.1");
    closing.push(() => front.close());
    await new Promise((resolve) => front.once("listening", resolve));
    const endpoint = `https://127.0.0.1:${(front.address() as { port: number }).port}`;
    const trusting = new EtcdClient({ endpoints: [endpoint], ca: certificates.ca });
    closing.push(() => trusting.close());
    expect(text(await trusting.write(TXN, bytes("do")))).toBe("good");
    const { cause } = await failure(client([endpoint], { timeout: 200 }).write(TXN, bytes("do")));
    expect(cause.message).toMatch(/^https:.*: self[- ]signed certificate in certificate chain$/);
  });
});
