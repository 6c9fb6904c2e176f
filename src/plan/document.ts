/** The text of one document to what will be done: every line read, every name looked up, every message encoded once. */
import { resolve } from "node:path";
import { DocumentErrors, WiredocError } from "../base/error.ts";
import { compileSearch, loadRegexEngine, needsRegexEngine } from "../base/regex.ts";
import type { DocumentHead, Example } from "../transcript/model.ts";
import { DocumentReader, sortByPlace } from "../transcript/parse.ts";
import type { Config } from "./config/config.ts";
import { absolutePaths } from "./dialects.ts";
import { ExamplePlanner } from "./examples.ts";
import type { RunOptions } from "./options.ts";
import type { Permissions } from "./permissions.ts";
import { Places } from "./places.ts";
import type { PlannedDocument, PlannedExample } from "./planned.ts";
import type { DocumentText } from "./read.ts";
import { dialectNames, type Registry } from "./registry.ts";
import { checkLines } from "./select.ts";
import { readVariables } from "./variables.ts";

export interface PlanContext {
  /** What relative paths of documents start from. */
  readonly cwd: string;
  readonly options: RunOptions;
  readonly config: Config;
  readonly registry: Registry;
  readonly permissions: Permissions;
  /** Whether an example without a target is a mistake: it is to be run, not only to be checked. */
  readonly needTarget: boolean;
}

/**
 * Plans a document; its mistakes are in its `errors`. `lines` are those whose examples are meant; undefined: all of them.
 * @throws {WiredocError} `usage` where a line has no example.
 * @throws {DocumentErrors} for mistakes in the config file that only a document shows.
 */
export async function planDocument(
  { path, text, mistakes }: DocumentText,
  lines: ReadonlySet<number> | undefined,
  context: PlanContext,
): Promise<PlannedDocument> {
  const { cwd, options, config, registry, permissions } = context;
  if (needsRegexEngine(text)) await loadRegexEngine();
  const names = dialectNames(registry);
  const reader = new DocumentReader(text, {
    path,
    dialects: names,
    defaults: config.defaults,
    targetKnown: options.target !== undefined || options.served === true,
  });
  const { head, errors } = reader;
  // Front matter that cannot be read may well name the target.
  const targetUnread = errors.some(({ code }) => code === "front-matter");
  const report = (error: WiredocError): void => void errors.push(error);
  const folder = resolve(cwd, path, "..");
  const within = config.path === undefined ? folder : config.folder;
  const written = variablesOf(head, context, report);
  const places = new Places({
    document: head,
    options,
    config,
    registry,
    written,
    report,
    folder,
    within,
    permissions,
  });
  const planner = new ExamplePlanner({
    document: head,
    options,
    lines,
    places,
    written,
    within,
    permissions,
    spansOfConfig: config.spans ?? {},
    dialectOptions: absolutePaths(head.settings.options ?? {}, names.options, folder),
    needTarget: context.needTarget && !targetUnread,
    report,
  });
  const examples: PlannedExample[] = [];
  const servers = new Set<string>();
  /** Where lines are meant: all examples, to see whether one is there. */
  const all: Example[] = [];
  for (const example of reader.examples()) {
    if (lines) all.push(example);
    if (example.attributes.server !== undefined) servers.add(example.attributes.server);
    const planned = planner.plan(example, planner.known(example) ?? (await planner.prepare(example)));
    if (planned) examples.push(planned);
  }
  const warnings = reader.end();
  // An example may be missing because of a mistake.
  if (lines && errors.length === 0) checkLines(lines, path, all);
  errors.push(...mistakes);
  if (options.strict) errors.push(...warnings);
  checkConfig(errors, path);
  sortByPlace(errors);
  return {
    path,
    examples,
    errors,
    warnings: options.strict ? [] : warnings,
    variables: written,
    connection: head.settings.connection ?? "document",
    place: places.ofDocument,
    servers: [...(head.settings.server === undefined ? [] : [head.settings.server]), ...servers],
    unsupported: (config.unsupported ?? []).map(compileSearch),
    head: options.update && head,
    replan: (changed, moved) =>
      planDocument({ path, text: changed, mistakes: [] }, lines && new Set([...lines].map(moved)), context),
  };
}

function variablesOf(
  { path, settings, settingSpans }: DocumentHead,
  { options, config }: PlanContext,
  report: (error: WiredocError) => void,
): ReturnType<typeof readVariables> {
  const sources = { given: options.vars ?? {}, written: [config.vars, settings.vars ?? {}] };
  return readVariables(sources, (code, message, name) => {
    const key = `vars.${name}`;
    const span = settingSpans[key] ?? config.spans?.[key] ?? { file: path, line: 1, column: 1 };
    report(new WiredocError(code, message, span));
  });
}

/** Mistakes in the config file are not the document's: they end the run. @throws {DocumentErrors} */
function checkConfig(errors: readonly WiredocError[], path: string): void {
  const ofConfig = errors.filter(({ span }) => span !== undefined && span.file !== path);
  if (ofConfig.length > 0) throw new DocumentErrors(ofConfig);
}
