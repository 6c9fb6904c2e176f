/** Every document of the examples is its own server and its own client. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/play/outcome.ts";
import { run } from "../../src/run.ts";
import { render } from "../support/render.ts";
import { serveFile, serveText } from "./support.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));
const documents = readdirSync(EXAMPLES, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".md") && !path.endsWith("README.md"))
  .sort();
/** Only what hangs takes so many milliseconds. */
const PATIENCE = 60_000;

async function replay(path: string, cwd: string, url: string): Promise<readonly RunEvent[]> {
  const text = readFileSync(join(cwd, path), "utf8");
  const names = [...text.matchAll(/ server=(\S+)/g)].map(([, name]) => name!);
  const servers = Object.fromEntries(names.map((name) => [name, url]));
  const events: RunEvent[] = [];
  for await (const event of run({ paths: [path], cwd, target: url, servers, timeout: PATIENCE })) events.push(event);
  return events;
}

describe("a document against itself", () => {
  it.each(documents)("%s", { timeout: PATIENCE }, async (path) => {
    const served = await serveFile({ path, cwd: EXAMPLES, timeout: PATIENCE });
    const events = await replay(path, EXAMPLES, served.url);
    const end = events.at(-1);
    if (end?.kind !== "run-end" || !end.ok) expect.fail(`the client:\n${await render(events)}`);
    const { exitCode, report, document } = await served.ended;
    if (exitCode !== 0) expect.fail(`the server:\n${report}`);
    expect(document.examples.length).toBe(end.counts.examples);
    expect(document.examples.every(({ status }) => status === "passed")).toBe(true);
  });
});

/** What the examples have none of. */
const OTHERS: Readonly<Record<string, string>> = {
  "what is left open": `---
target: tcp://127.0.0.1:1
---
\`\`\`wire
<<< 220 {{host}} ready
>>> EHLO me
250-{{host}}
250-{{_}} (*)
250-(SIZE \\d+|AUTH [A-Z]+) (re)
...
250 {{last:/[a-z]+/}}
>>> SEND {{last}} {{last|length}}
OK {{id:uuid}} {{hash:hex}} {{key:base64}}
{{text:word}} {{text|length}}
maybe (?)
{"id": {{number:int}}, "list": [1, ...], ...} (json)
>>> AGAIN {{id}} {{hash}} {{key}} {{text}} {{number}}
<<<
end (no-eol)
=== closed
\`\`\`
`,
  "bytes that are left open": `---
target: tcp://127.0.0.1:1
dialect: hex
---
\`\`\`wire
>>> 01 "ab"
02 ?? {{id:4 bytes}} 00
>>> {{id}} 05
06 ... 07
\`\`\`
`,
  "replies of Redis that are left open": `---
target: redis://127.0.0.1:1
---
\`\`\`redis
>>> KEYS *
1) "a"
...
4) "{{key}}"
>>> GET {{key}}
...
>>> INCR {{key}}
(integer) {{n:int}}
>>> LRANGE l 0 -1
1) 1) "x"
   2) (integer) {{n}}
>>> LASTSAVE
{{time}}
>>> INFO
# Server
redis_version:{{version}}
...
>>> SUBSCRIBE news
1) "subscribe"
2) "news"
3) (integer) 1
\`\`\`
`,
  "responses that are left open": `---
target: http://127.0.0.1:1
---
\`\`\`http
>>> GET /a HTTP/1.1
HTTP/1.1 200
Content-Length: {{n:int}}
Content-Type: application/json

{
  "id": {{id:int}},
  "name": "{{name}}",
  ...
}
>>> GET /{{id}}/{{name}}/{{n}} HTTP/1.1
HTTP/1.1 200 OK
Content-Length: 100

first
...
last
>>> HEAD /a HTTP/1.1
HTTP/1.1 200 OK
Content-Length: 612
>>> GET /b HTTP/1.1
HTTP/1.1 200 OK
Content-Length: 612
>>> GET /c HTTP/1.1
HTTP/1.1 200 OK
Transfer-Encoding: chunked
Content-Encoding: gzip

one
two
>>> GET /events HTTP/1.1
HTTP/1.1 200 OK
Content-Type: text/event-stream
Transfer-Encoding: chunked

data: 1

=== silence 20ms
<<< data: 2
\`\`\`

\`\`\`http fresh
>>> POST /d HTTP/1.1
>>> Content-Length: 2
>>> Expect: 100-continue
HTTP/1.1 100 Continue
>>> hi
HTTP/1.1 204 No Content
Connection: close
>>> DELETE /d HTTP/1.1
HTTP/1.0 404 Not Found

<<<
\`\`\`
`,
  "messages that are left open": `---
target: doozer://127.0.0.1:1
---
\`\`\`wire
waiter>>> WAIT path: "/a" rev: 1
>>> SET value: "\\141" rev: -1 path: "/a"
rev: {{rev:int}}
waiter<<< rev: {{rev}} path: "/a" ...
>>> GET path: "/a"
>>> REV
rev: {{rev}} value: "a" ...
rev: {{_:int}}
>>> NOP
{{_}} ...
\`\`\`
`,
  "several connections": `---
target: tcp://127.0.0.1:1
---
\`\`\`wire opening
hello {{connection.name}} {{session:int}}
>>> I am {{connection.name}} of {{session}}
ok
\`\`\`

\`\`\`wire
ann>>> join
joined
bob>>> join
joined
ann<<< bob is here
=== silence 20ms
bob>>> say hi
ann<<< bob says hi
bob=== close
ann=== wait 10ms
bob>>> join
joined
ann=== half-close
ann<<< bye
ann=== closed
bob=== reset
\`\`\`
`,
};

describe("a document against itself, in detail", () => {
  it.each(Object.entries(OTHERS))("%s", { timeout: PATIENCE }, async (_name, text) => {
    const folder = mkdtempSync(join(tmpdir(), "wiredoc-round-trip-"));
    writeFileSync(join(folder, "page.md"), text);
    try {
      const served = await serveText(text, { timeout: PATIENCE });
      const events = await replay("page.md", folder, served.url);
      const end = events.at(-1);
      if (end?.kind !== "run-end" || !end.ok) expect.fail(`the client:\n${await render(events)}`);
      const { exitCode, report } = await served.ended;
      if (exitCode !== 0) expect.fail(`the server:\n${report}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
