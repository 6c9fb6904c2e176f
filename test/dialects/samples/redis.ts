import { redis } from "../../../src/dialects/redis/redis.ts";
import type { DialectSamples } from "../../contract/dialect-samples.ts";

export const redisSamples: DialectSamples = {
  dialect: redis,
  keeps: "lines",
  conversations: [
    {
      name: "commands sent ahead",
      turns: [
        { by: "client", lines: ["GET a", 'SET b "x y\\n"', "LRANGE l 0 -1"] },
        { by: "server", lines: ['"a\\r\\n"'] },
        { by: "server", lines: ["OK", "1) 1) (integer) 1", "2) (nil)"] },
        { by: "client", lines: ["PING"] },
        { by: "server", lines: ["(error) ERR no"], to: 3 },
      ],
    },
    {
      name: "types of RESP3",
      turns: [
        { by: "client", lines: ["HELLO 3"] },
        { by: "server", bytes: "%1\r\n$5\r\nproto\r\n:3\r\n", lines: ['1# "proto" => (integer) 3'] },
        { by: "client", lines: ["X"] },
        {
          by: "server",
          bytes: "~2\r\n#t\r\n,1.5\r\n",
          lines: ["1~ (true)", "2~ (double) 1.5"],
        },
      ],
    },
    {
      name: "a streamed reply",
      turns: [
        { by: "client", lines: ["X"] },
        { by: "server", bytes: "*?\r\n$?\r\n;2\r\nab\r\n;1\r\nc\r\n;0\r\n.\r\n", lines: ['1) "abc"'] },
      ],
    },
    {
      name: "a transaction",
      turns: [
        { by: "client", lines: ["MULTI", "HGETALL h", "EXEC"] },
        { by: "server", lines: ["OK", "QUEUED"] },
        { by: "server", lines: ['1) 1) "f"', '   2) "v"'] },
      ],
    },
    {
      name: "a text",
      turns: [
        { by: "client", lines: ["INFO"] },
        { by: "server", bytes: "$11\r\n# A\r\nb: 1\r\n\r\n", lines: ["# A", "b: 1"] },
      ],
    },
    {
      name: "messages of a subscription",
      turns: [
        { by: "client", lines: ["SUBSCRIBE a b"] },
        { by: "server", lines: ['1) "subscribe"', '2) "a"', "3) (integer) 1"] },
        { by: "server", lines: ['1) "subscribe"', '2) "b"', "3) (integer) 2"] },
        { by: "server", lines: ['1) "message"', '2) "a"', '3) "x"'] },
      ],
    },
  ],
  broken: [
    {
      name: "no RESP",
      way: "responses",
      after: [{ by: "client", lines: ["PING"] }],
      bytes: "+OK\r\nHTTP/1.1 400 Bad Request\r\n",
      message: /^"H" is no type of RESP/,
    },
    { name: "a reply too large", way: "responses", bytes: "*2147483647\r\n", message: /^an array of 2147483647 makes/ },
    {
      name: "a reply too deep",
      way: "responses",
      bytes: "*1\r\n".repeat(200),
      message: /^aggregates are nested deeper/,
    },
    { name: "a reply beyond the limit", way: "responses", bytes: "$101\r\n", message: /./, limit: 100 },
    { name: "a command beyond the limit", way: "requests", bytes: "*1\r\n$101\r\n", message: /./, limit: 100 },
  ],
  pieces: {
    requests: ["*1\r\n", "*2\r\n", "$4\r\nPING\r\n", "$3\r\nabc\r\n", "PING\r\n", "*0\r\n"],
    responses: [
      ...["+OK\r\n", ":1\r\n", "$3\r\nabc\r\n", "*2\r\n", "%1\r\n", ">1\r\n", "|1\r\n", "$?\r\n", ";1\r\na\r\n"],
      ...[";0\r\n", "*?\r\n", ".\r\n", "_\r\n"],
    ],
    lines: {
      requests: ['"', "'", "\\", "\\x4", " ", "SUBSCRIBE a", "MULTI"],
      responses: ["1) ", "2) ", '"', "(nil)", "(integer) ", "OK", "   "],
    },
  },
  hasMistakes: true,
};
