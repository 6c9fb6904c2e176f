/**
 * From documents to what will be done: every line read, every name looked up, every message encoded once as a rehearsal,
 * so that each mistake shows with its line before a byte is sent.
 */
import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { DocumentErrors, didYouMean, WiredocError } from "../base/error.ts";
import { loadRegexEngine, needsRegexEngine } from "../base/regex.ts";
import { parseTolerantly, sortByPlace } from "../transcript/parse.ts";
import type { Config } from "./config/config.ts";
import { loadConfig } from "./config/load.ts";
import { absolutePaths } from "./dialects.ts";
import { planExamples } from "./examples.ts";
import { Leave } from "./leave.ts";
import type { RunOptions } from "./options.ts";
import { resolveDocuments } from "./paths.ts";
import { placeFinder } from "./places.ts";
import type { PlannedDocument } from "./planned.ts";
import { dialectNames, type Registry } from "./registry.ts";
import { checkLines } from "./select.ts";
import { readVariables } from "./variables.ts";

export interface Plan {
  readonly documents: readonly PlannedDocument[];
  readonly config: Config;
  /** With the dialects that the config and the options add. */
  readonly registry: Registry;
  readonly leave: Leave;
}

/**
 * Plans a run: finds the documents, reads and checks them. Mistakes of a document are in its `errors`.
 * `needTarget`: an example without a target is a mistake (it is to be run, not only to be checked).
 * @throws {WiredocError} for mistakes on the command line and in the config file.
 */
export async function plan(options: RunOptions, builtin: Registry, needTarget = false): Promise<Plan> {
  const cwd = options.cwd ?? process.cwd();
  const added = { ...builtin, dialects: [...builtin.dialects, ...(options.dialects ?? [])] };
  const config =
    typeof options.config === "object"
      ? options.config
      : await loadConfig(options.config, cwd, dialectNames(added), Object.keys(added.schemes));
  const registry = { ...added, dialects: [...added.dialects, ...config.dialects] };
  const chosen = await resolveDocuments(options.paths ?? [], cwd, config);
  const leave = new Leave(options, config);
  const documents: PlannedDocument[] = [];
  for (const [path, lines] of chosen)
    documents.push(await planDocument(path, lines, cwd, options, config, registry, needTarget, leave));
  checkNames(options, documents);
  return { documents, config, registry, leave };
}

/** @throws {WiredocError} where `--server` names one that no document uses. */
function checkNames({ servers: given = {} }: RunOptions, documents: readonly PlannedDocument[]): void {
  const used = [...new Set(documents.flatMap(({ servers }) => servers))];
  for (const name of Object.keys(given)) {
    if (used.includes(name)) continue;
    const known = used.length > 0 ? `they use ${listed(used)}` : "none of them uses a named server";
    throw new WiredocError(
      "usage",
      `--server ${name}=…: no document uses a server "${name}"${didYouMean(name, used)}; ${known}`,
    );
  }
}

const listed = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

async function planDocument(
  path: string,
  lines: ReadonlySet<number> | undefined,
  cwd: string,
  options: RunOptions,
  config: Config,
  registry: Registry,
  needTarget: boolean,
  leave: Leave,
): Promise<PlannedDocument> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(resolve(cwd, path));
  } catch (error) {
    throw new WiredocError("unreadable", `${path} cannot be read: ${(error as Error).message}`);
  }
  const text = bytes.toString("utf8");
  if (needsRegexEngine(text)) await loadRegexEngine();
  const { document, errors } = parseTolerantly(text, {
    path,
    dialects: dialectNames(registry),
    defaults: config.defaults,
    targetKnown: options.target !== undefined,
  });
  // A mistake may be why there is no example.
  if (lines && errors.length === 0) checkLines(lines, document);
  const found = [...errors];
  if (!isUtf8(bytes)) {
    const line = text.slice(0, text.indexOf("\ufffd")).split("\n").length;
    found.push(
      new WiredocError("unreadable", "this line is not UTF-8; bytes are written as \\xHH with (esc), or in (hex)", {
        file: path,
        line,
        column: 1,
      }),
    );
  }
  const report = (error: WiredocError): void => void found.push(error);
  const written = readVariables(
    { given: options.vars ?? {}, written: [config.vars, document.settings.vars ?? {}] },
    (code, message, name) => {
      const span = document.settingSpans[`vars.${name}`] ??
        config.spans?.[`vars.${name}`] ?? { file: path, line: 1, column: 1 };
      report(new WiredocError(code, message, span));
    },
  );
  const folder = resolve(cwd, path, "..");
  const within = config.path === undefined ? folder : config.folder;
  const places = placeFinder({
    document,
    options,
    config,
    registry,
    written,
    report,
    folder,
    within,
    leave,
  });
  // Front matter that cannot be read may well name the target.
  const targetUnread = errors.some(({ code }) => code === "front-matter");
  const examples = await planExamples({
    document,
    options,
    lines,
    registry,
    places,
    written,
    within,
    leave,
    spansOfConfig: config.spans ?? {},
    dialectOptions: absolutePaths(document.settings.options ?? {}, dialectNames(registry).options, folder),
    needTarget: needTarget && !targetUnread,
    report,
  });
  if (options.strict) found.push(...document.warnings);
  // What is wrong in the config file is no mistake of the documents that use it.
  const ofConfig = found.filter(({ span }) => span !== undefined && span.file !== path);
  if (ofConfig.length > 0) throw new DocumentErrors(ofConfig);
  sortByPlace(found);
  return {
    path,
    examples,
    errors: found,
    warnings: options.strict ? [] : document.warnings,
    variables: written,
    connection: document.settings.connection ?? "document",
    place: places.ofDocument,
    servers: [document.settings, ...document.examples.map(({ attributes }) => attributes)].flatMap(
      ({ server }) => server ?? [],
    ),
  };
}
