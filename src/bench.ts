/** The whole of a load: plan the documents, start their servers, play them with many clients. */
import { type ByteString, decodeText } from "./base/bytes.ts";
import { type LoadOptions, type LoadResult, load, type Measured } from "./bench/load.ts";
import { builtins, plugIns } from "./builtins.ts";
import type { RunOptions } from "./plan/options.ts";
import { type Plan, plan } from "./plan/plan.ts";
import type { PlannedDocument, PlannedExample } from "./plan/planned.ts";
import { checkGivenUrls, secretMask } from "./run.ts";

export interface BenchOptions extends RunOptions, LoadOptions {
  readonly signal: AbortSignal;
  /** Gets what was measured so far, several times a second. */
  readonly watch?: ((progress: Measured) => void) | undefined;
  /** Gets each line that a started server prints. */
  readonly onServerLine?: ((server: string, line: string) => void) | undefined;
}

/**
 * Plans a load. Documents without an example to play are left out, and so are examples that are expected to fail.
 * @throws {WiredocError} where options, config file or paths are wrong.
 */
export async function planBench(options: BenchOptions): Promise<Plan> {
  checkGivenUrls(options);
  const planned = await plan(options, builtins, true);
  const documents = planned.documents.map(withoutSkipped).filter(({ examples, errors }) => {
    return errors.length > 0 || examples.some(({ role }) => role === "example");
  });
  return { ...planned, documents };
}

const isPlayed = ({ skip, xfail }: PlannedExample): boolean => skip === undefined && xfail === undefined;

const withoutSkipped = (document: PlannedDocument): PlannedDocument => ({
  ...document,
  examples: document.examples.filter(isPlayed),
});

/** Plays planned documents: at least one, and none with a mistake. */
export async function bench({ documents, ...planned }: Plan, options: BenchOptions): Promise<LoadResult> {
  const { signal, watch, onServerLine, secrets = [] } = options;
  const mask = secretMask(options, { documents });
  const tellLine = onServerLine && ((server: string, line: string): void => onServerLine(server, mask.hide(line)));
  const onCapture = (name: string, value: ByteString): void => {
    if (secrets.includes(name)) mask.add(decodeText(value));
  };
  const result = await load(documents, options, {
    ...planned,
    options,
    signal,
    watch,
    onCapture,
    ...plugIns(tellLine),
  });
  return mask.hide(result);
}
