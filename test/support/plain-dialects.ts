import type { Dialect } from "../../src/dialects/dialect.ts";
import { http } from "../../src/dialects/http/http.ts";
import { line } from "../../src/dialects/line.ts";

const { isVerbatim: _, ...plainLine } = line;
const { isRepeatable: __, ...plainHttp } = http;

/** `plain-line` and `plain-http`: the dialects without what makes replies known, so that each one is decoded and matched. */
export const plainDialects: readonly Dialect[] = [
  { ...plainLine, name: "plain-line" },
  { ...plainHttp, name: "plain-http" },
];

/** What a run said, without the times that it took: alike for two runs that went alike. */
export const withoutTimes = (told: unknown): unknown =>
  JSON.parse(JSON.stringify(told, (key, value) => (key === "ms" || key === "durationMs" ? undefined : value)));
