import { expect, it } from "vitest";
import type { Eol } from "../../src/base/settings.ts";
import { http } from "../../src/dialects/http/http.ts";
import { line } from "../../src/dialects/line.ts";
import { parseClientLine, parseReplyLine } from "../../src/match/pattern.ts";
import { repeatsOf, verbatimOf } from "../../src/plan/verbatim.ts";

const written = (text: string, marked = false) => ({ text, line: 1, column: 1, marked });
const sends = (...texts: string[]) => texts.map((text) => parseClientLine(written(text)));
const expects = (...texts: string[]) => texts.map((text) => parseReplyLine(written(text)));
const settings = (eol: Eol = "crlf", unordered = false, limit = 100) => ({
  eol,
  unordered,
  limit,
  timeout: 1,
  settle: 1,
  retry: 0,
  every: 1,
  options: {},
});

it("finds the bytes of an exchange that leaves no choice", () => {
  expect(verbatimOf(sends("a", ""), expects("x", "\\x00\\xff (esc)", ""), settings(), line)).toEqual({
    request: "a\r\n\r\n",
    reply: "x\r\n\0\xff\r\n\r\n",
  });
  expect(verbatimOf(sends("a\\nb (esc)"), expects("é"), settings("lf"), line)).toEqual({
    request: "a\nb\n",
    reply: "\xc3\xa9\n",
  });
});

it.each([
  "...",
  "{{_}}",
  "x (re)",
  "x (lf)",
  "x (crlf)",
  "x (no-eol)",
  "78 (hex)",
  "x (?)",
  "x (*)",
  "[1] (json)",
  "x\\r (esc)",
  "x\\ny (esc)",
])("finds none where a reply line is %s", (text) => {
  expect(verbatimOf(sends("a"), expects("x", text), settings(), line)).toBeUndefined();
});

it.each(["a (lf)", "a (crlf)", "a (no-eol)", "61 (hex)", "{{a}}"])("finds none where a client line is %s", (text) => {
  expect(verbatimOf(sends("a", text), expects("x"), settings(), line)).toBeUndefined();
});

it("finds none where the rules leave a choice, a side is silent, or the reply is too large", () => {
  expect(verbatimOf(sends("a"), expects("x"), settings("any"), line)).toBeUndefined();
  expect(verbatimOf(sends("a"), expects("x"), settings("crlf", true), line)).toBeUndefined();
  expect(verbatimOf([], expects("x"), settings(), line)).toBeUndefined();
  expect(verbatimOf(sends("a"), [], settings(), line)).toBeUndefined();
  expect(verbatimOf(sends("a"), expects("x"), settings(), http)).toBeUndefined();
  expect(verbatimOf(sends("a"), expects("x"), settings("crlf", false, 3), line)).toEqual({
    request: "a\r\n",
    reply: "x\r\n",
  });
  expect(verbatimOf(sends("a"), expects("x"), settings("crlf", false, 2), line)).toBeUndefined();
});

it("tells exchanges apart by all that makes a reply right", () => {
  const marked = [parseReplyLine(written("", true))];
  const texts = [
    repeatsOf(sends("a"), expects("x"), settings(), http),
    repeatsOf(sends("a"), expects("x"), settings("lf"), http),
    repeatsOf(sends("a"), expects("x"), settings("crlf", true), http),
    repeatsOf(sends("a", "x"), expects("x"), settings(), http),
    repeatsOf(sends("a"), expects("x", "x"), settings(), http),
    repeatsOf(sends("a"), expects("<x"), settings(), http),
    repeatsOf(sends("a"), expects(">x"), settings(), http),
    repeatsOf(sends("a"), expects(""), settings(), http),
    repeatsOf(sends("a"), marked, settings(), http),
  ];
  expect(texts).not.toContain(undefined);
  expect(new Set(texts).size).toBe(texts.length);
  expect(repeatsOf(sends("a"), expects("x"), settings(), http)).toBe(texts[0]);
});

it("takes no exchange for repeated that binds a group, or of a dialect in which others answer", () => {
  expect(repeatsOf(sends("a"), expects("(?P<n>x) (re)"), settings(), http)).toBeUndefined();
  expect(repeatsOf(sends("a"), expects("(x) (re)"), settings(), http)).toContain("(x) (re)");
  expect(repeatsOf(sends("a"), expects("x"), settings(), line)).toBeUndefined();
});
