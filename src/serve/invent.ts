/** The lines that a server sends for written ones. Where they leave something open, it is decided here. */
import type { ByteString } from "../base/bytes.ts";
import type { OutgoingLine } from "../dialects/codec.ts";
import type { Dialect, InventedLine } from "../dialects/dialect.ts";
import { capturedMap } from "../match/captures.ts";
import type { LinePattern } from "../match/pattern.ts";
import { Sampler } from "../match/sample.ts";
import type { PlannedExample } from "../plan/planned.ts";
import { outgoing } from "../plan/speak.ts";
import type { Variables } from "../plan/variables.ts";

/** Counts the values of a document, so that no two of them are the same. */
export class Inventor {
  #count = 0;
  readonly #next = (): number => ++this.#count;

  /** The lines to send. Names that they bind get their values in `variables`. @throws {SampleError} */
  lines(
    say: readonly LinePattern[],
    { dialect, settings }: PlannedExample,
    variables: Variables,
  ): readonly OutgoingLine[] {
    const sampler = new Sampler(variables, this.#next);
    const lines = dialect.responses?.invent?.(say, sampler) ?? inOrder(say, sampler, dialect);
    for (const [name, value] of capturedMap(sampler.captured)) {
      variables.captured.set(name, value);
      variables.boundBy.set(name, say);
    }
    return lines.map(({ pattern, bytes }) => outgoing(pattern, bytes, settings.eol));
  }
}

/** Without what may be absent, but for one line where a message is owed. */
function inOrder(say: readonly LinePattern[], sampler: Sampler, dialect: Dialect): readonly InventedLine[] {
  const needed = say.filter(({ repeat, body }) => repeat === "once" && body.kind !== "ellipsis");
  const [first] = say;
  const { plainest } = dialect.responses ?? {};
  if (needed.length > 0 || !first || plainest === undefined)
    return needed.map((pattern) => ({ pattern, bytes: lineOf(pattern, sampler, plainest) }));
  const pattern = say.find(({ body }) => body.kind !== "ellipsis");
  return [{ pattern: pattern ?? first, bytes: pattern ? lineOf(pattern, sampler, plainest) : plainest }];
}

/** A line that is open as a whole is a message, not just a text. */
const lineOf = (pattern: LinePattern, sampler: Sampler, plainest: string | undefined): ByteString =>
  plainest !== undefined && isOpen(pattern) ? sampler.lineLike(pattern, plainest) : sampler.line(pattern);

const isOpen = ({ body }: LinePattern): boolean => {
  const parts = body.kind === "text" ? body.parts.filter((part) => part.kind !== "text" || part.bytes !== "") : [];
  return parts.length === 1 && parts[0]!.kind === "placeholder";
};
