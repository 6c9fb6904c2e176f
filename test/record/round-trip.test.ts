/** Whatever a client and a server say, the document of it passes when the server says the same again. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type PeerStep, perform, planned } from "../play/perform.ts";
import { Recording } from "./recording.ts";

interface Exchange {
  readonly request: string;
  readonly reply: string;
}

/** Bytes, one a character, that a document has to write with care. */
const STRANGE = [
  ...[
    "",
    " ",
    "a",
    "a ",
    " a",
    "\t",
    "```",
    "~~~~",
    "...",
    "\\...",
    ">>> a",
    "<<< a",
    "=== close",
    "bob>>> a",
    "<<<",
    ">>>a",
  ],
  ...[
    "{{a}}",
    "\\{{a}}",
    "{{{n}}}",
    "{{",
    "a (re)",
    "a (no-eol)",
    "a \\(hex)",
    "(?)",
    "a (*)",
    "-->",
    "# a",
    "\r",
    "a\rb",
    "\xc3\xbc",
  ],
  ...["\xff\xfe", "\0", "\x1b[31m", "INSERTED 7", "7", "delete 7", "abc123def456", "id: 7", '{"id": 7}', "\x16\x04"],
  ...["550e8400-e29b-41d4-a716-446655440000", "2026-01-02T03:04:05Z", "\xe2\x80\xa8"],
];
const line = fc
  .array(fc.constantFrom(...STRANGE), { minLength: 1, maxLength: 3 })
  .chain((words) => fc.constantFrom("\r\n", "\r\n", "\r\n", "\n").map((ending) => words.join("") + ending));
const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((chunk) => Buffer.from(chunk).toString("latin1"));
const texts = (least: number): fc.Arbitrary<string> =>
  fc.array(line, { minLength: least, maxLength: 4 }).map((lines) => lines.join(""));
/** A reply may end without a line ending, and be bytes. */
const reply = fc.oneof(
  { weight: 6, arbitrary: texts(1) },
  { weight: 1, arbitrary: texts(0).map((text) => `${text}login: `) },
  { weight: 1, arbitrary: bytes },
);
const request = fc.oneof({ weight: 6, arbitrary: texts(1) }, { weight: 1, arbitrary: bytes });
const conversation = fc.array(fc.record({ request, reply }), { minLength: 1, maxLength: 4 });

const isTls = (text: string): boolean => /^\x16\x03[\0-\x04]/.test(text);

async function expectToPass(exchanges: readonly Exchange[], dialect?: string): Promise<void> {
  // Its name in HTTP is the one of these plays: localhost.
  const recording = await Recording.of("unix:/a.sock", dialect);
  const connection = recording.connect();
  for (const { request, reply } of exchanges) connection.client(request).server(reply);
  recording.end();
  const peer = exchanges.flatMap(({ request, reply }): PeerStep[] => [
    { kind: "await", bytes: request },
    { kind: "send", bytes: reply },
  ]);
  const document = await planned(recording.text).catch((error) => expect.fail(`${error}\n${recording.text}`));
  const { exchanges: played, sent, unreachable } = perform(document, [peer]);
  const problems = played.filter(({ status }) => status !== "passed");
  if (unreachable !== undefined || problems.length > 0)
    expect.fail(`${recording.text}\n${JSON.stringify(problems, undefined, 1)}\n${unreachable}`);
  expect(sent).toEqual([exchanges.map(({ request }) => request).join("")]);
}

test("lines and bytes", async () => {
  await fc.assert(
    fc.asyncProperty(conversation, async (exchanges) => {
      fc.pre(!exchanges.some(({ request }) => isTls(request)));
      await expectToPass(exchanges);
    }),
    { numRuns: 300 },
  );
});

test("values that come back", async () => {
  const token = fc.constantFrom("abc123def456", "12345", "7", "550e8400-e29b-41d4-a716-446655440000", "x");
  const form = fc.constantFrom("get *", "INSERTED *", "id: *", '{"id": "*", "rev": *}', "* *", "GET /items/* HTTP/1.1");
  const said = fc.record({ token, form }).map(({ token, form }) => `${form.replaceAll("*", token)}\r\n`);
  const exchanges = fc.array(fc.record({ request: said, reply: said }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(exchanges, (all) => expectToPass(all)),
    { numRuns: 300 },
  );
});

test("responses and requests of http", async () => {
  const json = fc.json({ maxDepth: 2 });
  const body = fc.oneof(texts(0), bytes, json, fc.constant(""));
  const type = fc.constantFrom("", "Content-Type: application/json\r\n", "ETag: x\r\nContent-Type: a/b \r\n");
  const length = (text: string): string => `Content-Length: ${Buffer.byteLength(text, "latin1")}\r\n`;
  const exchange = fc.record({ sent: texts(1), body, type, isPost: fc.boolean(), isChunked: fc.boolean() });
  const exchanges = fc.array(
    exchange.map(({ sent, body: text, type, isPost, isChunked }): Exchange => {
      const body = Buffer.from(text).toString("latin1");
      const chunks = `${body === "" ? "" : `${body.length.toString(16)}\r\n${body}\r\n`}0\r\n\r\n`;
      const coding = isChunked ? "Transfer-Encoding: chunked\r\n" : length(body);
      return {
        request: isPost
          ? `POST / HTTP/1.1\r\nHost: localhost\r\n${length(sent)}\r\n${sent}`
          : "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        reply: `HTTP/1.1 200 OK\r\n${type}${coding}\r\n${isChunked ? chunks : body}`,
      };
    }),
    { minLength: 1, maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(exchanges, (all) => expectToPass(all, "http")),
    { numRuns: 300 },
  );
});
