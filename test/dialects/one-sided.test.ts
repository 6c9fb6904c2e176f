/** The suite of the one-sided codecs; it goes with them. */
import { hex } from "../../src/dialects/hex.ts";
import { http } from "../../src/dialects/http/http.ts";
import { line } from "../../src/dialects/line.ts";
import { doozer, protobuf } from "../../src/dialects/protobuf/protobuf.ts";
import { redis } from "../../src/dialects/redis/redis.ts";
import { describeDialect } from "../contract/one-sided-dialect.ts";
import { protoFile } from "./protobuf/support.ts";

describeDialect("line", {
  dialect: line,
  conversations: [
    { name: "lines", asks: ["HELO x"], answer: "220 hello\r\n250 ok\n\r\nlast\r\n" },
    { name: "a line without an end", asks: ["X"], expects: ["> (no-eol)"], answer: "one\r\n> " },
    { name: "bytes of all kinds", asks: ["X"], answer: "\0\xff\r\r\n\x80\n" },
  ],
  broken: [],
  pieces: { asks: ["GET ", "\\", '"'], answers: ["\r\n", "line"] },
  hasMistakes: false,
});

describeDialect("hex", {
  dialect: hex,
  conversations: [{ name: "bytes", asks: ["\x10\x0c"], expects: ["20 02 00 ??"], answer: "\x20\x02\0\0\n\xff" }],
  broken: [],
  pieces: { asks: ["\0", "\xff"], answers: ["\x20\x02"] },
  hasMistakes: false,
});

const GET = ["GET / HTTP/1.1", "Host: x"];

describeDialect("http", {
  dialect: http,
  conversations: [
    {
      name: "a length",
      asks: GET,
      expects: ["HTTP/1.1 200"],
      answer: "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello\nworld",
    },
    {
      name: "chunks",
      asks: GET,
      expects: ["HTTP/1.1 200"],
      answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab\n\r\n2\r\ncd\r\n0\r\nX: y\r\n\r\n",
    },
    { name: "up to the close", asks: GET, expects: ["HTTP/1.1 200"], answer: "HTTP/1.0 200 OK\r\n\r\nhello\r\nworld" },
  ],
  broken: [
    { name: "no HTTP", asks: GET, answer: "220 smtp ready\r\n", message: /^! / },
    {
      name: "two lengths",
      asks: GET,
      answer: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      message: /^! /,
    },
  ],
  pieces: {
    asks: ["GET / HTTP/1.1", "HTTP/1.1", "Host: x", "", "Content-Length: 2", "Transfer-Encoding: chunked"],
    answers: [
      "HTTP/1.1 200 OK\r\n",
      "HTTP/1.1 100 Continue\r\n\r\n",
      "Content-Length: 3\r\n",
      "Transfer-Encoding: chunked\r\n",
      "\r\n\r\n",
    ],
  },
  hasMistakes: true,
});

describeDialect("redis", {
  dialect: redis,
  conversations: [
    { name: "RESP2", asks: ["GET a", "LRANGE l 0 -1"], answer: "$3\r\na\r\n\r\n*2\r\n*1\r\n:1\r\n$-1\r\n" },
    {
      name: "RESP3",
      asks: ["HGETALL h"],
      answer:
        ">2\r\n+a\r\n+b\r\n%1\r\n$1\r\nf\r\n~2\r\n#t\r\n,1.5\r\n|1\r\n+a\r\n_\r\n=5\r\ntxt:x\r\n(12\r\n!3\r\nERR\r\n",
    },
    { name: "streamed", asks: ["X"], answer: "*?\r\n$?\r\n;2\r\nab\r\n;1\r\nc\r\n;0\r\n%?\r\n.\r\n.\r\n" },
    {
      name: "a transaction",
      asks: ["MULTI", "HGETALL h", "EXEC"],
      answer: "+OK\r\n+QUEUED\r\n*1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n",
    },
    { name: "a text", asks: ["INFO"], answer: "$11\r\n# A\r\nb: 1\r\n\r\n+OK\r\n" },
  ],
  broken: [
    {
      name: "no RESP",
      asks: ["PING"],
      answer: "+OK\r\nHTTP/1.1 400 Bad Request\r\n",
      message: /^! "H" is no type of RESP/,
    },
    { name: "too large", asks: ["PING"], answer: "*2147483647\r\n", message: /^! an array of 2147483647 makes/ },
    { name: "too deep", asks: ["PING"], answer: "*1\r\n".repeat(200), message: /^! aggregates are nested deeper/ },
  ],
  pieces: {
    asks: ['"', "'", "\\", "\\x4", " ", "SUBSCRIBE a", "MULTI"],
    answers: [
      "+OK\r\n",
      ":1\r\n",
      "$3\r\nabc\r\n",
      "*2\r\n",
      "%1\r\n",
      ">1\r\n",
      "|1\r\n",
      "$?\r\n",
      ";1\r\na\r\n",
      ";0\r\n",
      "*?\r\n",
      ".\r\n",
      "_\r\n",
    ],
  },
  hasMistakes: true,
});

describeDialect("protobuf", {
  dialect: protobuf,
  options: { schema: protoFile("everything.proto"), request: "All", response: "All" },
  conversations: [
    { name: "one message", asks: ["f_int32: 1"], answer: "\x02\x18\x01" },
    { name: "none of its fields, and several", asks: ["", "{}"], answer: "\0\x02\x18\x01\0" },
    { name: "a long length", asks: [], answer: `\x82\x80\0\x18\x01\x80\x02${"\x18\x01".repeat(128)}` },
    { name: "fields without a name", asks: ["9999: 5"], answer: "\x03\xf8\x7f\x05" },
  ],
  broken: [
    {
      name: "too long",
      asks: [],
      answer: "\x02\x18\x01\xff\xff\xff\x7f",
      message: /^! a message of \d+ bytes is announced/,
    },
    {
      name: "no length",
      asks: [],
      answer: "\xff".repeat(10),
      message: /^! the length of a message is a varint of more/,
    },
    {
      name: "no message",
      asks: [],
      answer: "\x02\x18\x01\x01\x0f",
      message: /^! what came is no message of the type every.All/,
    },
  ],
  pieces: {
    asks: ["f_int32", ": ", "1", '"', "{", "}", "[", "# ", "99: 0x00000005"],
    answers: ["\x02\x18\x01", "\0", "\x80", "\xff", "\x1a\x01a"],
  },
  hasMistakes: true,
});

describeDialect("doozer", {
  dialect: doozer,
  conversations: [
    {
      name: "a reply",
      asks: ['GET path: "/a"'],
      expects: ['rev: 0 value: ""'],
      answer: "\0\0\0\x06\x08\x01\x18\0\x32\0",
    },
    {
      name: "replies in another order, and one without a tag",
      asks: ["REV", "NOP", "REV tag: 7"],
      expects: ["rev: {{a}}", "{}", "tag: 7 rev: {{a}}"],
      answer: "\0\0\0\x02\x08\x02\0\0\0\x04\x08\x07\x18\x05\0\0\0\0\0\0\0\x04\x08\x01\x18\x05",
    },
  ],
  broken: [
    {
      name: "a tag that no request has",
      asks: ["NOP"],
      answer: "\0\0\0\x02\x08\x09",
      message: /^! a reply bears the tag 9/,
    },
    {
      name: "a length below zero",
      asks: ["NOP"],
      answer: "\xff\xff\xff\xff",
      message: /^! a message of \d+ bytes is announced/,
    },
  ],
  pieces: {
    asks: ["GET ", "verb: 100", "path: ", '"/a"', "rev: 1", "tag: 1", " ", ","],
    answers: ["\0\0\0\x02\x08\x01", "\0\0\0\x04\x08\x01\x18\x05", "\0\0\0\0", "\0\0\0", "\x08\x02"],
  },
  hasMistakes: true,
});
