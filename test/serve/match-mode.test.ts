/** A stub that answers in any order, for ever. */
import { describe, expect, it } from "vitest";
import { Client, type Served, serveText } from "./support.ts";

const PAGE = `---
target: tcp://127.0.0.1:11300
vars: {name: wire}
---
\`\`\`wire
hello {{session:int}}
>>> put 5
>>> first
INSERTED {{id:int}}
>>> put 5
SHORT
>>> get {{id}}
VALUE {{id}} of {{name}}
>>> whoami
you are {{session}}, and had {{id}}
>>> put {{name}}
named
>>> put {{id}}
other {{id}}
>>> quit
bye
=== closed
\`\`\`

\`\`\`wire
>>> get 1
never
\`\`\`
`;

interface User {
  readonly id: number;
  readonly token: string;
}

async function withStub(text: string, use: (served: Served) => Promise<void>): Promise<readonly string[]> {
  const served = await serveText(text, { mode: "match", settle: 50, verbose: true });
  try {
    await use(served);
  } finally {
    served.stop();
  }
  const { exitCode, told } = await served.ended;
  expect(exitCode).toBe(0);
  return told;
}

/** What a client hears that says all at once, and then quits. */
async function heard(served: Served, text: string): Promise<string> {
  return new Client(served.port).say(`${text}quit\r\n`).rest();
}

describe("a stub", () => {
  it("answers each request by the first example that it matches", async () => {
    await withStub(PAGE, async (served) => {
      expect(await heard(served, "get 1\r\nput 5\r\nfirst\r\nput 5\r\nfirst\r\nget 3\r\n")).toBe(
        "hello 1\r\nVALUE 1 of wire\r\nINSERTED 2\r\nINSERTED 3\r\nVALUE 3 of wire\r\nbye\r\n",
      );
      expect(await heard(served, "whoami\r\nput wire\r\nput x\r\n")).toBe(
        "hello 4\r\nyou are 4, and had 5\r\nnamed\r\nother x\r\nbye\r\n",
      );
    });
  });

  it("goes on behind what was not a longer request", async () => {
    await withStub(PAGE, async (served) => {
      expect(await heard(served, "put 5\r\nwhoami\r\nget 9\r\n")).toMatch(
        /^hello 1\r\nSHORT\r\nyou are 1, and had \d+\r\nVALUE 9 of wire\r\nbye\r\n$/,
      );
    });
  });

  it("takes what is complete once the client is silent", async () => {
    await withStub(PAGE, async (served) => {
      const client = new Client(served.port).say("put 5\r\n");
      await client.hears("hello 1\r\nSHORT\r\n");
      client.socket.destroy();
    });
  });

  it("closes the connection where no example matches, and tells it", async () => {
    const told = await withStub(PAGE, async (served) => {
      expect(await new Client(served.port).say("nonsense\r\nget 1\r\n").rest()).toBe("hello 1\r\n");
      expect(await heard(served, "put wire\r\n")).toBe("hello 2\r\nnamed\r\nbye\r\n");
    });
    expect(told).toEqual(["page.md no example matches: nonsense", "page.md:16 put {{name}}", "page.md:20 quit"]);
  });

  it("answers many clients at the same time", async () => {
    await withStub(PAGE, async (served) => {
      const clients = Array.from({ length: 50 }, () => new Client(served.port));
      for (const client of clients) client.say("put 5\r\nfi");
      for (const client of clients) client.say("rst\r\nwhoami\r\nquit\r\n");
      const answers = await Promise.all(clients.map((client) => client.rest()));
      for (const answer of answers)
        expect(answer).toMatch(/^hello (\d+)\r\nINSERTED (\d+)\r\nyou are \1, and had \2\r\nbye/);
      expect(new Set(answers).size).toBe(50);
    });
  });

  it("answers HTTP, also what no example matches", async () => {
    const page = `---
target: http://127.0.0.1:1
---
\`\`\`http
>>> GET /users/{{id}} HTTP/1.1
HTTP/1.1 200 OK
Content-Type: application/json

{"id": "{{id}}", "token": "{{token:uuid}}"}
>>> POST /users HTTP/1.1
>>>
>>> {"name": "Ann"}
HTTP/1.1 201 Created
\`\`\`
`
      .replace("{{id}} HTTP", "7 HTTP")
      .replace('"{{id}}"', "{{id:int}}");
    await withStub(page, async ({ url }) => {
      const one = (await (await fetch(`${url}/users/7`)).json()) as User;
      const other = (await (await fetch(`${url}/users/7`)).json()) as User;
      expect([one.id, other.id]).toEqual([1, 2]);
      expect(one.token).not.toBe(other.token);
      const posted = await fetch(`${url}/users`, { method: "POST", body: '{ "name" : "Ann" }' });
      expect(posted.status).toBe(201);
      const unknown = await fetch(`${url}/nowhere`);
      expect([unknown.status, await unknown.text()]).toEqual([501, "no example matches this request\r\n"]);
      expect((await fetch(`${url}/users/7`)).status).toBe(200);
    });
  });

  it("answers bytes", async () => {
    const page = "---\ntarget: tcp://127.0.0.1:1\ndialect: hex\n---\n```wire\n>>> 01 02 03\n0a\n>>> 01 02\n0b\n```\n";
    await withStub(page, async (served) => {
      const client = new Client(served.port).say("\x01\x02");
      await client.hears("\x0b");
      client.say("\x01\x02\x03\x01\x02\x03");
      await client.hears("\x0b\x0a\x0a");
      client.say("\x01\x05");
      expect(await client.rest()).toBe("\x0b\x0a\x0a");
    });
  });
});

it("a request that breaks the rules of HTTP is told, and refused", async () => {
  const page = "---\ntarget: http://127.0.0.1:1\n---\n```http\n>>> GET /a HTTP/1.1\nHTTP/1.1 200 OK\n```\n";
  const told = await withStub(page, async (served) => {
    expect(await new Client(served.port).say("nonsense\r\n\r\n").rest()).toMatch(/^HTTP\/1.1 501 /);
  });
  expect(told).toEqual(["page.md no example matches: nonsense"]);
});
