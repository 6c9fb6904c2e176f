/** The response that a server sends for a written one: a body of JSON as a whole, and a length that is left open. */
import { encodeText } from "../../base/bytes.ts";
import { type LinePattern, varied } from "../../match/pattern.ts";
import type { Sampler } from "../../match/sample.ts";
import type { InventedLine } from "../dialect.ts";
import { templateOf } from "./body.ts";
import { headOf, writtenResponses } from "./written.ts";

export function inventResponse(say: readonly LinePattern[], sampler: Sampler): readonly InventedLine[] {
  const responses = writtenResponses(say);
  return responses.length === 0 ? lines(say, sampler) : responses.flatMap((one) => response(one, sampler));
}

const lines = (say: readonly LinePattern[], sampler: Sampler): readonly InventedLine[] =>
  say.filter(isNeeded).map((pattern) => ({ pattern, bytes: sampler.line(pattern) }));

const isNeeded = ({ repeat, body }: LinePattern): boolean => repeat === "once" && body.kind !== "ellipsis";

function response(written: readonly LinePattern[], sampler: Sampler): readonly InventedLine[] {
  const head = headOf(written).filter(isNeeded);
  const body = written.slice(headOf(written).length);
  // A length is told before the body, and known after it.
  const length = head.find((pattern) => pattern.literal === undefined && /^content-length:/i.test(pattern.source));
  const start = lines(head.slice(0, 1), sampler).map(withReason);
  const headers = head.slice(1).map((pattern) => ({ pattern, bytes: pattern === length ? "" : sampler.line(pattern) }));
  const end = [
    ...body.slice(0, 1).map((pattern) => ({ pattern, bytes: "" })),
    ...bodyLines(body.slice(1), sampler, head),
  ];
  const size = end.slice(1).reduce((sum, { bytes, pattern }) => sum + bytes.length + endingOf(pattern), 0);
  const told = headers.map((one) =>
    one.pattern === length ? { pattern: length, bytes: sampler.lineLike(length, `Content-Length: ${size}`) } : one,
  );
  return [...start, ...told, ...end];
}

/** With an LF after each line, as `ofLength` tries it. */
const endingOf = ({ ending }: LinePattern): number => (ending === "none" ? 0 : ending === "crlf" ? 2 : 1);

/** A status line without a reason matches any, also none. Its space is always there (RFC 9112, section 4). */
const withReason = ({ pattern, bytes }: InventedLine): InventedLine => ({
  pattern,
  bytes: /^HTTP\/1\.[01] \d{3}$/.test(bytes) ? `${bytes} ` : bytes,
});

function bodyLines(
  body: readonly LinePattern[],
  sampler: Sampler,
  head: readonly LinePattern[],
): readonly InventedLine[] {
  const template = body.length > 1 || body[0]?.body.kind === "json" ? templateOf(body) : undefined;
  const [first] = body;
  if (template && first && (template.placeholders.length > 0 || body.some((one) => !isNeeded(one)))) {
    const pattern = varied(first, { ending: "none" });
    return [{ pattern, bytes: sampler.json(template) }];
  }
  const sent = lines(body, sampler);
  const gap = body.findIndex((one) => !isNeeded(one));
  const length = head.map(({ literal }) => /^content-length:\s*(\d{1,8})\s*$/i.exec(literal ?? "")?.[1]).find(Boolean);
  if (gap < 0 || length === undefined) return sent;
  // What is left out has to fill the length that is written.
  const size = sent.reduce((sum, { bytes, pattern }) => sum + bytes.length + endingOf(pattern), 0);
  const missing = Number(length) - size - 1;
  if (missing < 0) return sent;
  const filler = {
    pattern: varied(body[gap]!, { ending: "lf", repeat: "once" }),
    bytes: encodeText(".").repeat(missing),
  };
  const ended = sent.map(({ pattern, bytes }) => ({
    pattern: pattern.ending === "written" ? varied(pattern, { ending: "lf" }) : pattern,
    bytes,
  }));
  const at = ended.findIndex(({ pattern }) => pattern.line > body[gap]!.line);
  return at < 0 ? [...ended, filler] : [...ended.slice(0, at), filler, ...ended.slice(at)];
}
