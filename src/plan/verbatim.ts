/**
 * Exchanges whose reply can be compared as a whole (replay/known-replies.ts): those that leave no choice, as everything
 * they send and expect is written down byte for byte; and those that stand in a document more than once.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { LinePattern, LineTemplate } from "../match/pattern.ts";
import type { Verbatim } from "./planned.ts";
import type { ExampleSettings } from "./settings.ts";

/** The bytes of an exchange; undefined where its request or its reply has more than one form, or is too large to pass. */
export function verbatimOf(
  sends: readonly LineTemplate[],
  expects: readonly LinePattern[],
  { eol, unordered, limit }: ExampleSettings,
  dialect: Dialect,
): Verbatim | undefined {
  if (!dialect.isVerbatim || unordered || eol === "any" || sends.length === 0 || expects.length === 0) return undefined;
  const written = eol === "lf" ? "\n" : "\r\n";
  let request: ByteString = "";
  for (let i = 0; i < sends.length; i++) {
    const { parts, ending } = sends[i]!;
    const [part] = parts;
    if (ending !== "written" || parts.length !== 1 || part?.kind !== "text") return undefined;
    request += part.bytes + written;
  }
  let reply: ByteString = "";
  for (let i = 0; i < expects.length; i++) {
    const { literal, ending, repeat } = expects[i]!;
    if (literal === undefined || ending !== "written" || repeat !== "once" || holdsEnding(literal)) return undefined;
    reply += literal + written;
  }
  return reply.length <= limit ? { request, reply } : undefined;
}

/** Such a line is not the one that its bytes would be read as. */
const holdsEnding = (bytes: ByteString): boolean => bytes.includes("\n") || bytes.endsWith("\r");

/**
 * What exchanges that are alike have in common, where each is answered by itself and a reply that was right for one of
 * them is right for all. Names are not among it: they change, and what binds them has to be read.
 */
export function repeatsOf(
  sends: readonly LineTemplate[],
  expects: readonly LinePattern[],
  { eol, unordered }: ExampleSettings,
  { isRepeatable }: Dialect,
): string | undefined {
  if (!isRepeatable || sends.length === 0 || expects.length === 0) return undefined;
  let key = unordered ? `${eol} unordered` : eol;
  for (let i = 0; i < sends.length; i++) key += `\n>${sends[i]!.source}`;
  for (let i = 0; i < expects.length; i++) {
    const { marked, source, groups } = expects[i]!;
    if (groups.length > 0) return undefined;
    key += `\n${marked ? "<" : " "}${source}`;
  }
  return key;
}
