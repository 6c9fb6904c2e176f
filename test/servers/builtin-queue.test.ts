import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { queueServer } from "../../src/servers/builtin-queue.ts";
import type { RunningServer } from "../../src/servers/server.ts";
import { Dialogue } from "./dialogue.ts";

let server: RunningServer;
beforeEach(async () => {
  server = await queueServer().start(new AbortController().signal);
});
afterEach(() => server.stop());

const connect = (): Dialogue => new Dialogue(server);
const stats = (
  queued: number,
  taken: number,
  done: number,
  dead: number,
  waiting: number,
  watching: number,
): string[] => [
  `queued ${queued}`,
  `taken ${taken}`,
  `done ${done}`,
  `dead ${dead}`,
  `waiting ${waiting}`,
  `watching ${watching}`,
  "END",
];

describe("jobs", () => {
  it("are handed out oldest first, byte for byte", async () => {
    const client = connect();
    expect(await client.say("PUT 5", "hello", "PUT 7", "a\r\nb\0\xff\n", "PUT 0", "").hear(3)).toEqual([
      "QUEUED 1",
      "QUEUED 2",
      "QUEUED 3",
    ]);
    expect(await client.ask("TAKE", 2)).toEqual(["JOB 1 5", "hello"]);
    expect(await client.ask("TAKE", 4)).toEqual(["JOB 2 7", "a", JSON.stringify("b\0\xff\n"), ""]);
    expect(await client.ask("TAKE", 2)).toEqual(["JOB 3 0", ""]);
    expect(await client.ask("TAKE 0")).toEqual(["EMPTY"]);
  });

  it("are read however their bytes are cut", async () => {
    const client = connect();
    for (const byte of "PUT 4\r\na\nb\r\r\nSTATS\r\n") {
      client.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await client.hear(2)).toEqual(["QUEUED 1", "queued 1"]);
  });

  it("may come with bare LF", async () => {
    expect(await connect().write("PUT 2\nhi\nTAKE\n").hear(3)).toEqual(["QUEUED 1", "JOB 1 2", "hi"]);
  });

  it("are done once, by who took them", async () => {
    const [one, two] = [connect(), connect()];
    expect(await one.say("PUT 1", "x", "TAKE").hear(3)).toEqual(["QUEUED 1", "JOB 1 1", "x"]);
    expect(await two.ask("DONE 1")).toEqual(["ERROR not-taken take a job before you settle it"]);
    expect(await one.ask("DONE 1")).toEqual(["OK"]);
    expect(await one.ask("DONE 1")).toEqual(["ERROR not-taken take a job before you settle it"]);
    expect(await one.ask("FAIL 1")).toEqual(["ERROR not-taken take a job before you settle it"]);
    expect(await one.ask("STATS", 7)).toEqual(stats(0, 0, 1, 0, 0, 0));
  });

  it("come back first when they fail, and are dead the third time", async () => {
    const client = connect();
    await client.say("PUT 1", "a", "PUT 1", "b").hear(2);
    for (const reply of ["QUEUED 1", "QUEUED 1", "DEAD 1"]) {
      expect(await client.ask("TAKE", 2)).toEqual(["JOB 1 1", "a"]);
      expect(await client.ask("FAIL 1")).toEqual([reply]);
    }
    expect(await client.ask("TAKE", 2)).toEqual(["JOB 2 1", "b"]);
    expect(await client.ask("STATS", 7)).toEqual(stats(0, 1, 0, 1, 0, 0));
  });

  it("come back in their order when the connection that took them closes", async () => {
    const [one, two] = [connect(), connect()];
    await one.say("PUT 1", "a", "PUT 1", "b", "PUT 1", "c", "TAKE", "TAKE").hear(7);
    await two.ask("WATCH");
    await one.leave();
    expect(await two.hear(2)).toEqual(["EVENT queued 1", "EVENT queued 2"]);
    expect(await two.say("TAKE", "TAKE", "TAKE").hear(6)).toEqual(["JOB 1 1", "a", "JOB 2 1", "b", "JOB 3 1", "c"]);
  });
});

describe("TAKE", () => {
  it("waits for a job of another connection, the first to wait being served first", async () => {
    const [one, two, producer] = [connect(), connect(), connect()];
    one.say("TAKE");
    await expect.poll(() => producer.ask("STATS", 7)).toEqual(stats(0, 0, 0, 0, 1, 0));
    two.say("TAKE 60000");
    await expect.poll(() => producer.ask("STATS", 7)).toEqual(stats(0, 0, 0, 0, 2, 0));
    expect(await producer.say("PUT 1", "a", "PUT 1", "b").hear(2)).toEqual(["QUEUED 1", "QUEUED 2"]);
    expect(await one.hear(2)).toEqual(["JOB 1 1", "a"]);
    expect(await two.hear(2)).toEqual(["JOB 2 1", "b"]);
  });

  it("gives up after the time it was given, and goes on with what was sent meanwhile", async () => {
    const client = connect();
    expect(await client.say("TAKE 30", "PUT 1", "a", "TAKE").hear(4)).toEqual(["EMPTY", "QUEUED 1", "JOB 1 1", "a"]);
  });

  it("leaves what is sent while it waits, however much, for later", async () => {
    const [one, two] = [connect(), connect()];
    one.say("TAKE", ...Array.from({ length: 20_000 }, () => "DONE 1"));
    await expect.poll(() => two.ask("STATS", 7)).toEqual(stats(0, 0, 0, 0, 1, 0));
    await two.say("PUT 1", "a").hear();
    const replies = await one.hear(20_002);
    expect(replies.slice(0, 4)).toEqual(["JOB 1 1", "a", "OK", "ERROR not-taken take a job before you settle it"]);
  });

  it("ends when its connection sends no more", async () => {
    const [one, two] = [connect(), connect()];
    expect(await one.say("TAKE").finish().hear()).toEqual(["<closed>"]);
    expect(await two.say("PUT 1", "a", "STATS").hear(8)).toEqual(["QUEUED 1", ...stats(1, 0, 0, 0, 0, 0)]);
  });
});

describe("WATCH", () => {
  it("tells what others do, and only that, until UNWATCH", async () => {
    const [watcher, other] = [connect(), connect()];
    expect(await watcher.ask("WATCH")).toEqual(["OK"]);
    await other.say("PUT 1", "a", "TAKE", "FAIL 1", "TAKE", "DONE 1").hear(7);
    expect(await watcher.hear(5)).toEqual([
      "EVENT queued 1",
      "EVENT taken 1",
      "EVENT queued 1",
      "EVENT taken 1",
      "EVENT done 1",
    ]);
    expect(await watcher.say("PUT 1", "b").hear()).toEqual(["QUEUED 2"]);
    expect(await watcher.ask("UNWATCH")).toEqual(["OK"]);
    await other.say("TAKE", "FAIL 2", "TAKE", "FAIL 2", "TAKE", "FAIL 2").hear(9);
    expect(await watcher.ask("STATS", 7)).toEqual(stats(0, 0, 1, 1, 0, 0));
  });

  it("drops a client that does not listen, in the end", async () => {
    const [deaf, other, third] = [connect(), connect(), connect()];
    await deaf.ask("WATCH");
    deaf.pause();
    const jobs = Array.from({ length: 2000 }, () => ["PUT 1", "a", "TAKE 0"]).flat();
    const watching = async (): Promise<string | undefined> => (await third.ask("STATS", 7))[5];
    for (let round = 0; (await watching()) === "watching 1"; round++) {
      if (round === 200) throw new Error("still there");
      other.say(...jobs);
      const replies = await other.hear(6000);
      other.say(...replies.filter((line) => line.startsWith("JOB")).map((line) => `DONE ${line.split(" ")[1]}`));
      await other.hear(2000);
    }
    expect(await watching()).toBe("watching 0");
  });
});

describe("errors", () => {
  it.each([
    ["HELLO", "ERROR unknown-command one of PUT TAKE DONE FAIL WATCH UNWATCH STATS QUIT"],
    ["", "ERROR unknown-command one of PUT TAKE DONE FAIL WATCH UNWATCH STATS QUIT"],
    ["put 1", "ERROR unknown-command one of PUT TAKE DONE FAIL WATCH UNWATCH STATS QUIT"],
    ["PUT", "ERROR bad-arguments PUT size"],
    ["PUT -1", "ERROR bad-arguments PUT size"],
    ["PUT 99999999999999999999", "ERROR bad-arguments PUT size"],
    ["TAKE ", "ERROR bad-arguments TAKE [ms]"],
    ["TAKE soon", "ERROR bad-arguments TAKE [ms]"],
    ["DONE", "ERROR bad-arguments DONE id"],
    ["STATS all", "ERROR bad-arguments STATS"],
    ["x".repeat(1025), "ERROR line-too-long at most 1024 bytes"],
    ["x".repeat(200_000), "ERROR line-too-long at most 1024 bytes"],
  ])("%s", async (line, reply) => {
    const client = connect();
    expect(await client.ask(line)).toEqual([reply]);
    expect(await client.ask("TAKE 0")).toEqual(["EMPTY"]);
  });

  it("keeps in step after data that is too large or has no line ending", async () => {
    const client = connect();
    expect(await client.say("PUT 65537", "x".repeat(65_537), "TAKE 0").hear(2)).toEqual([
      "ERROR too-large at most 65536 bytes",
      "EMPTY",
    ]);
    expect(await client.say("PUT 3", "hello", "TAKE 0").hear(2)).toEqual([
      "ERROR expected-line-ending after 3 bytes",
      "EMPTY",
    ]);
    expect(await client.say("PUT 65536", "x".repeat(65_536)).hear()).toEqual(["QUEUED 1"]);
  });

  it("takes no more than it may hold", async () => {
    const client = connect();
    const put = ["PUT 65536", "x".repeat(65_536)];
    for (let i = 1; i <= 243; i++) expect(await client.say(...put).hear()).toEqual([`QUEUED ${i}`]);
    expect(await client.say(...put).hear()).toEqual(["ERROR full take some jobs first"]);
    await client.say("TAKE", "DONE 1").hear(3);
    expect(await client.say(...put).hear()).toEqual(["QUEUED 244"]);
  });
});

describe("the end", () => {
  it("comes with QUIT, after which nothing is read", async () => {
    const [client, other] = [connect(), connect()];
    expect(await client.say("PUT 1", "a", "TAKE", "QUIT", "PUT 1", "b").hear(5)).toEqual([
      "QUEUED 1",
      "JOB 1 1",
      "a",
      "BYE",
      "<closed>",
    ]);
    expect(await other.ask("STATS", 7)).toEqual(stats(1, 0, 0, 0, 0, 0));
  });

  it("answers all that was sent before a half-close", async () => {
    const lines = Array.from({ length: 3000 }, () => "STATS");
    const replies = await connect()
      .say(...lines)
      .finish()
      .hear(21_001);
    expect(replies.slice(-2)).toEqual(["END", "<closed>"]);
  });

  it("closes every connection when the server stops, and each start is a new queue", async () => {
    const client = connect();
    await client.say("PUT 1", "a").hear();
    client.say("TAKE", "TAKE");
    await client.hear(2);
    await server.stop();
    await server.stop();
    expect(await client.hear()).toEqual(["<closed>"]);
    server = await queueServer().start(new AbortController().signal);
    expect(await connect().say("PUT 1", "b").hear()).toEqual(["QUEUED 1"]);
    await expect(queueServer().start(AbortSignal.abort(new Error("interrupted")))).rejects.toThrow("interrupted");
  });
});
