/**
 * A document that passes, in which something was changed by hand: an update makes it what it was, byte for byte.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeText } from "../../src/base/bytes.ts";
import { loadRegexEngine } from "../../src/base/regex.ts";
import { updateText } from "./update-text.ts";

beforeAll(loadRegexEngine);

/** Texts of replies in a list in a quote, and what comes for them. */
interface Page {
  readonly name: string;
  readonly dialect: string;
  readonly sent: string;
  readonly lines: readonly string[];
  readonly received: string;
  /** What may be changed in the written lines, and to what; the place is the first one of the text. */
  readonly changes: readonly (readonly [string, string])[];
}
const crlf = (...lines: readonly string[]): string => lines.map((line) => `${encodeText(line)}\r\n`).join("");
const http = (head: string, body: string): string =>
  `HTTP/1.1 200 OK\r\n${head}Content-Length: ${encodeText(body).length}\r\n\r\n${encodeText(body)}`;

const PAGES: readonly Page[] = [
  {
    name: "lines",
    dialect: "line",
    sent: ">>> GET",
    lines: [
      "VALUE {{id:int}} of {{total:int}}",
      "  indented \u00e9",
      "",
      "200-{{_}} (*)",
      "200 done",
      "[a-z]+ [0-9]+ (re)",
      "tab\\tend\\x20 (esc)",
      "...",
      "last {{id}}",
    ],
    received: crlf(
      "VALUE 17 of 20",
      "  indented \u00e9",
      "",
      "200-a",
      "200-b",
      "200 done",
      "abc 12",
      "tab\tend ",
      "x",
      "y",
      "last 17",
    ),
    changes: [
      ["VALUE ", "value "],
      [" of ", " from "],
      ["indented", "Indented"],
      ["  indented", "indented"],
      ["200 done", "201 ready"],
      ["tab\\t", "tab"],
      ["last", "first"],
      ["end\\x20", "ends\\x20"],
    ],
  },
  {
    name: "JSON in lines",
    dialect: "line",
    sent: ">>> GET",
    lines: [
      '{ "id": {{id:int}},  "name":"x", "tags": ["a",  "b"], "deep": {"more": [1, {"k": null}], ...}, ... } (json)',
      "OK",
    ],
    received: crlf('{"name":"x","tags":["a","b"],"id":3,"other":1,"deep":{"z":0,"more":[1,{"k":null}]}}', "OK"),
    changes: [
      ['"x"', '"y"'],
      ['"a"', '"c"'],
      ["null", "true"],
      ["[1,", "[2,"],
      ["OK", "NO"],
      ['"b"', "17"],
    ],
  },
  {
    name: "a JSON body",
    dialect: "http",
    sent: ">>> GET / HTTP/1.1",
    lines: [
      "HTTP/1.1 200 OK",
      "Content-Type: application/json",
      "X-Request: {{request}}",
      "",
      "{",
      '  "id": "{{id}}",',
      '  "list": [',
      "    1,",
      '    {"a": "b"},',
      "    3",
      "  ],",
      '  "text": "hello",',
      "  ...",
      "}",
    ],
    received: http(
      "Server: x\r\nContent-Type: application/json\r\nX-Request: r1\r\nDate: now\r\n",
      '{"text":"hello","list":[1,{"a":"b"},3],"id":"i1","more":true}',
    ),
    changes: [
      ["200 OK", "201 Created"],
      ["application/json", "text/plain"],
      ["hello", "bye"],
      ['"b"', '"c"'],
      ["    3", "    4"],
      ["    1,", "    9,"],
    ],
  },
  {
    name: "a text body",
    dialect: "http",
    sent: ">>> GET / HTTP/1.1",
    lines: ["HTTP/1.1 200", "content-type:  text/plain", "", "one", "", "two {{n:int}}", "three"],
    received: http("Content-Type: text/plain\r\n", "one\n\ntwo 2\nthree"),
    changes: [
      ["200", "404"],
      ["one", "1"],
      ["two ", "2 "],
      ["three", "tree"],
    ],
  },
  {
    name: "bytes",
    dialect: "hex",
    sent: ">>> 01 02",
    lines: ['00 00 00 0c  "hello"  {{id:2 bytes}}', "?? 0a0b", '"caf\u00e9" 00 ff', "..."],
    received: `\0\0\0\x0chello\x01\x02\x7f\x0a\x0b${encodeText("caf\u00e9")}\0\xffrest`,
    changes: [
      ["0c", "0d"],
      ["hello", "hallo"],
      ["0a0b", "0a0c"],
      ["caf\u00e9", "cafe"],
      ["00 ff", "00 fe"],
    ],
  },
  {
    name: "bytes among lines",
    dialect: "line",
    sent: ">>> GET",
    lines: ["VALUE 5", '"abcde" 0d 0a (hex)', "END"],
    received: "VALUE 5\r\nabcde\r\nEND\r\n",
    changes: [
      ["abcde", "abcdf"],
      ["VALUE 5", "VALUE 6"],
      ["END", "ENDE"],
    ],
  },
  {
    name: "redis",
    dialect: "redis",
    sent: ">>> LRANGE l 0 -1",
    lines: ['1) "a"', '2) "{{b}}"', "3) (integer) 3", "4) (nil)"],
    received: "*4\r\n$1\r\na\r\n$1\r\nb\r\n:3\r\n$-1\r\n",
    changes: [
      ['"a"', '"A"'],
      ["(integer) 3", "(integer) 4"],
      ["(nil)", '"x"'],
      ['2) "', '2)  "'],
    ],
  },
];

const FRAMES = [
  { open: "> 1. Text\n>\n>    ```wire timeout=1s", prefix: ">    ", close: ">    ```" },
  { open: "-\t~~~wire", prefix: "\t", close: "\t~~~" },
  { open: "<!-- wire", prefix: "", close: "-->" },
];

describe.each(PAGES)("$name", ({ dialect, sent, lines, received, changes }) => {
  it("become what they were", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...FRAMES),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.subarray([...changes], { minLength: 1, maxLength: dialect === "hex" ? 1 : 2 }),
        fc.nat(lines.length - 1),
        fc.constantFrom("change", "add"),
        async ({ open, prefix, close }, eol, hasMark, chosen, at, how) => {
          const write = (reply: readonly string[]): string =>
            `${hasMark ? "\ufeff" : ""}---\ndialect: ${dialect}\n---\n# T \n\n${open}\n${prefix}${sent}\n${reply
              .map((text) => (text === "" ? prefix.trimEnd() : prefix + text))
              .join("\n")}\n${close}\n\tend `.replaceAll("\n", eol);
          let text = lines.join("\n");
          for (const [from, to] of chosen) text = text.replace(from, () => to);
          const changed = text.split("\n");
          // Beside "..." it is the place of the line that came there.
          const isFree = dialect === "line" && !lines.slice(at - 1, at + 1).includes("...");
          if (how === "add" && isFree) changed.splice(at, 0, "surplus");
          const wanted = write(lines);
          const updated = await updateText(write(changed), [[{ kind: "send", bytes: received }]]);
          expect(updated.refused).toEqual([]);
          expect(updated.text).toBe(wanted);
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 100) },
    );
  });
});
