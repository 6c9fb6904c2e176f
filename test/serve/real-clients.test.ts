/** Clients that people use talk to documents. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import jackd from "jackd";
import { expect, it } from "vitest";
import { DoozerClient } from "../support/doozer-client.ts";
import { describeWith } from "../support/real-servers.ts";
import { serveText } from "./support.ts";

/** What a program prints. */
const output = async (program: string, ...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(program, args)).stdout;

const page = (target: string, ...lines: readonly string[]): string =>
  `---\ntarget: ${target}\n---\n\`\`\`wire\n${lines.join("\n")}\n\`\`\`\n`;

describeWith(["redis-cli"], "redis-cli", () => {
  it("shows the replies as they are written", async () => {
    const replies = ["OK", '"Ann Lee"', "(integer) 2", '1) "red"', "2) (nil)", "(error) ERR no such key"];
    const served = await serveText(
      page(
        "redis://127.0.0.1:6379",
        ...[">>> SET name 'Ann Lee'", "OK", ">>> GET name", '"Ann Lee"', ">>> INCR count", "(integer) 2"],
        ...[">>> MGET color none", '1) "red"', "2) (nil)", ">>> RENAME none x", "(error) ERR no such key"],
      ),
    );
    const commands = 'SET name "Ann Lee"\nGET name\nINCR count\nMGET color none\nRENAME none x\n';
    const shown = await output("sh", "-c", `printf '${commands}' | redis-cli --no-raw -p ${served.port}`);
    expect(shown.trimEnd().split("\n").filter(Boolean)).toEqual(replies);
    expect((await served.ended).failures).toEqual([]);
  });
});

describeWith(["curl"], "curl", () => {
  it("reads bodies, with a connection for each request", async () => {
    const served = await serveText(
      page(
        "http://127.0.0.1:8080",
        ...[">>> GET /a HTTP/1.1", "HTTP/1.1 200 OK", "", "first"],
        ...[">>> POST /b HTTP/1.1", ">>>", ">>> x=1", "HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "second"],
        ...[">>> GET /c HTTP/1.1", "HTTP/1.1 200 OK", "Content-Encoding: gzip", "", "third"],
      ),
    );
    const curl = (path: string, ...more: readonly string[]) => output("curl", "-sS", ...more, `${served.url}${path}`);
    expect(await curl("/a")).toBe("first\r\n");
    expect(await curl("/b", "-d", "x=1")).toBe("second\r\n");
    expect(await curl("/c", "--compressed")).toBe("third\r\n");
    expect((await served.ended).failures).toEqual([]);
  });

  it.each(["script", "match"] as const)("is told to go on with the body, in the mode %s", async (mode) => {
    const served = await serveText(
      page("http://127.0.0.1:8080", ">>> PUT /a HTTP/1.1", ">>>", ">>> body", "HTTP/1.1 201 Created", "", "stored"),
      { mode },
    );
    // It would wait for half a minute.
    const options = ["-sS", "-H", "Expect: 100-continue", "--expect100-timeout", "30", "-T", "-"];
    const curl = execFile("curl", [...options, `${served.url}/a`], { timeout: 20_000 });
    curl.stdin!.end("body");
    let said = "";
    for await (const text of curl.stdout!) said += text;
    expect(said).toBe("stored\r\n");
    served.stop();
    expect((await served.ended).told).toEqual([]);
  });

  it("is told what it did wrong", async () => {
    const served = await serveText(page("http://127.0.0.1:8080", ">>> GET /a HTTP/1.1", "HTTP/1.1 200 OK"));
    await output("curl", "-sS", `${served.url}/b`);
    const { exitCode, failures } = await served.ended;
    expect([exitCode, failures]).toEqual([1, ['5 mismatch expected "GET /a HTTP/1.1", got "GET /b HTTP/1.1"']]);
  });
});

it("Node's fetch follows a document, also with two requests at a time", async () => {
  const served = await serveText(
    page(
      "http://127.0.0.1:8080",
      ...[">>> GET /users/1 HTTP/1.1", "HTTP/1.1 200", "ETag: {{tag}}", "", '{"name": "Ann"}'],
      ...[
        ">>> PUT /users/1 HTTP/1.1",
        ">>> If-Match: {{tag}}",
        ">>>",
        '>>> {"name": "Bob"}',
        "HTTP/1.1 204 No Content",
      ],
      ...[">>> GET /same HTTP/1.1", "HTTP/1.1 200 OK", "", "one"],
      ...[">>> GET /same HTTP/1.1", "HTTP/1.1 200 OK", "", "two"],
    ),
  );
  const user = await fetch(`${served.url}/users/1`);
  expect(await user.json()).toEqual({ name: "Ann" });
  const headers = { "if-match": user.headers.get("etag") ?? "" };
  const put = await fetch(`${served.url}/users/1`, { method: "PUT", headers, body: '{"name":"Bob"}' });
  expect(put.status).toBe(204);
  const texts = await Promise.all([1, 2].map(async () => (await fetch(`${served.url}/same`)).text()));
  expect(texts.sort()).toEqual(["one\r\n", "two\r\n"]);
  expect((await served.ended).failures).toEqual([]);
});

it("a client of beanstalkd puts and reserves", async () => {
  const served = await serveText(
    page(
      "tcp://127.0.0.1:11300",
      ...[">>> put 0 0 60 5", ">>> hello", "INSERTED {{id:int}}", ">>> reserve", "RESERVED {{id}} 5", "hello"],
      ...[">>> delete {{id}}", "DELETED", ">>> quit", "=== closed"],
    ),
  );
  // Its types are those of a module of another kind.
  const client = new (jackd as unknown as typeof jackd.default)();
  await client.connect({ host: "127.0.0.1", port: served.port });
  const id = await client.put("hello", { priority: 0, delay: 0, ttr: 60 });
  const job = await client.reserve();
  expect([job.id, String(job.payload)]).toEqual([id, "hello"]);
  await client.delete(job.id);
  await client.quit();
  expect((await served.ended).failures).toEqual([]);
});

it("a client of the store sets and waits", async () => {
  const served = await serveText(
    page(
      "doozer://127.0.0.1:8046",
      ...['>>> SET path: "/a" rev: -1 value: "x"', "rev: {{rev:int}}"],
      ...[
        '>>> GET path: "/a"',
        'rev: {{rev}} value: "x"',
        '>>> WAIT path: "/b" rev: 9',
        "=== silence 1ms",
        ">>> REV",
        "rev: 9",
      ],
      'rev: 9 path: "/b" value: "y" flags: 4',
    ),
  );
  const client = await DoozerClient.connect(served.port);
  const { rev } = await client.request({ verb: "SET", path: "/a", rev: -1, value: Buffer.from("x") });
  const file = await client.request({ verb: "GET", path: "/a" });
  expect([file.rev, String(file.value)]).toEqual([rev, "x"]);
  const [waited, now] = await Promise.all([
    client.request({ verb: "WAIT", path: "/b", rev: 9 }),
    client.request({ verb: "REV" }),
  ]);
  expect([waited.path, String(waited.value), now.rev]).toEqual(["/b", "y", 9]);
  client.close();
  expect((await served.ended).failures).toEqual([]);
});
