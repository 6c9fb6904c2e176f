/**
 * The config file: `wiredoc.config.yaml` and its like. Every key and value is checked, also those that this run does not
 * use; all mistakes are told at once.
 */
import { existsSync, promises as files, statSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { DocumentErrors, didYouMean, oneOf, WiredocError } from "../base/error.ts";
import type { Span } from "../base/span.ts";
import type { Dialect, Reading } from "../dialects/dialect.ts";
import type { RawValue } from "../transcript/checks.ts";
import type { Settings } from "../transcript/model.ts";
import { type DialectNames, readSetting, SettingError } from "../transcript/settings.ts";
import { type Entry, toRawValue, type Value } from "../transcript/value.ts";
import { CircularValueError, fromJavaScript } from "./config-value.ts";
import { absolutePaths } from "./dialects.ts";
import { importModule } from "./import-module.ts";
import type { Allowed } from "./leave.ts";
import { displayPath } from "./paths.ts";
import { type Report, readServer, type ServerDefinition, showValue } from "./server-definition.ts";
import { readVariables } from "./variables.ts";

export type { ServerDefinition } from "./server-definition.ts";

export interface Config {
  /** Of its file, absolute; undefined where there is none. */
  readonly path: string | undefined;
  /** The folder of its file (the working directory where there is none): what its paths and commands start from. */
  readonly folder: string;
  /** Files, folders and globs, from `folder`. */
  readonly documents: readonly string[];
  /** For documents that do not set it. The path `tls.ca` is absolute. */
  readonly defaults: Settings;
  /** By name; look a name up with Object.hasOwn. */
  readonly servers: Readonly<Record<string, ServerDefinition>>;
  readonly vars: Readonly<Record<string, string>>;
  /** Where `vars.NAME` and `defaults.KEY` are written; what is in JavaScript has no place. */
  readonly spans?: Readonly<Record<string, Span>>;
  readonly dialects: readonly Dialect[];
  /** What documents may use; paths from `folder`. */
  readonly allow?: Allowed;
}

const FILE_NAMES = ["yaml", "yml", "json", "js", "mjs"].map((ending) => `wiredoc.config.${ending}`);
const KEYS = ["documents", "defaults", "servers", "vars", "allow", "dialects"] as const;

/** What the root of a project holds. Config files above it belong to something else. */
const ROOT_ENTRIES = [".git", "package.json"];

/**
 * The config file of the nearest folder that has one, from `cwd` upwards to the root of the project.
 * @throws {WiredocError} where a folder has two, or where it belongs to another user.
 */
export function findConfig(cwd: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const [found, second] = FILE_NAMES.map((name) => join(folder, name)).filter((path) => existsSync(path));
    if (second !== undefined) {
      const both = oneOf([displayPath(found!, cwd), displayPath(second, cwd)]);
      throw new WiredocError("bad-config", `there are two config files; keep either ${both}`);
    }
    if (found !== undefined) checkOwner(found, cwd);
    const isRoot = folder === dirname(folder) || ROOT_ENTRIES.some((name) => existsSync(join(folder, name)));
    if (found !== undefined || isRoot) return found;
  }
}

/** Whoever owns a config file has its commands run by those who find it. @throws {WiredocError} */
function checkOwner(path: string, cwd: string): void {
  const user = process.getuid?.();
  if (user === undefined) return;
  const { uid } = statSync(path);
  if (uid === user || uid === 0) return;
  const file = displayPath(path, cwd);
  throw new WiredocError(
    "bad-config",
    `the config file ${file} belongs to another user (uid ${uid}), and it may start commands; if you trust it, name it: --config ${file}`,
  );
}

/**
 * Reads the config file, by default the one that {@link findConfig} finds; without any, everything is empty. `dialects`
 * are those that are known without it, `schemes` those of targets.
 * @throws {WiredocError} `no-such-file`, `unreadable`, `bad-config`
 * @throws {DocumentErrors} where there are several mistakes.
 */
export async function loadConfig(
  path: string | undefined,
  cwd: string,
  dialects: DialectNames,
  schemes: readonly string[],
): Promise<Config> {
  const found = path === undefined ? findConfig(cwd) : resolve(cwd, path);
  if (found === undefined) {
    return { path: undefined, folder: resolve(cwd), documents: [], defaults: {}, servers: {}, vars: {}, dialects: [] };
  }
  const file = displayPath(found, cwd);
  const errors: WiredocError[] = [];
  const report: Report = (message, span) => {
    errors.push(new WiredocError("bad-config", span ? message : `${file}: ${message}`, span));
  };
  const source = await readSource(found, file, (error) => errors.push(error));
  const config = readConfig(source, found, dialects, schemes, report);
  errors.sort((a, b) => (a.span && b.span ? a.span.line - b.span.line || a.span.column - b.span.column : 0));
  if (errors.length > 1) throw new DocumentErrors(errors);
  if (errors[0]) throw errors[0];
  return config;
}

/** What the file says; the dialects of a JavaScript config apart, as they are code. */
interface Source {
  readonly value: Value | undefined;
  readonly dialects: unknown;
}

async function readSource(path: string, file: string, report: (error: WiredocError) => void): Promise<Source> {
  if (!existsSync(path)) throw new WiredocError("no-such-file", `the config file "${file}" does not exist`);
  const ending = extname(path);
  if (ending === ".js" || ending === ".mjs") return importSource(path, file);
  if (ending !== ".yaml" && ending !== ".yml" && ending !== ".json") {
    throw new WiredocError(
      "bad-config",
      `"${file}" is no config file; its name ends in .yaml, .yml, .json, .js or .mjs`,
    );
  }
  const text = await files.readFile(path, "utf8").catch((error: Error) => {
    throw new WiredocError("unreadable", `the config file "${file}" cannot be read: ${error.message}`);
  });
  const { fromYaml } = await import("./config-yaml.ts");
  return { value: fromYaml(text, file, report), dialects: undefined };
}

async function importSource(path: string, file: string): Promise<Source> {
  const fail = (message: string): never => {
    throw new WiredocError("bad-config", `${file}: ${message}`);
  };
  const module = await importModule(pathToFileURL(path).href).catch((error: unknown) =>
    fail(`it cannot be loaded: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`),
  );
  const exported = module.default;
  if (typeof exported !== "object" || exported === null || Array.isArray(exported)) {
    return fail(
      `its default export is ${exported === undefined ? "missing" : "no object"}; write: export default { … }`,
    );
  }
  const { dialects, ...rest } = exported as Readonly<Record<string, unknown>>;
  try {
    return { value: fromJavaScript(rest), dialects };
  } catch (error) {
    return fail(error instanceof CircularValueError ? error.message : String(error));
  }
}

function readConfig(
  { value, dialects: code }: Source,
  path: string,
  known: DialectNames,
  schemes: readonly string[],
  report: Report,
): Config {
  const folder = dirname(path);
  if (value !== undefined && value.kind !== "map")
    report(`a config file is made of the keys ${oneOf(KEYS)}`, value.span);
  const entries = value?.kind === "map" ? value.entries : [];
  for (const { name, span } of entries) {
    if (!(KEYS as readonly string[]).includes(name)) {
      report(`"${name}" is no key of the config file${didYouMean(name, KEYS)}; there are ${oneOf(KEYS)}`, span);
    }
  }
  const entry = (key: (typeof KEYS)[number]): Entry | undefined => entries.find(({ name }) => name === key);
  const spans = Object.fromEntries([...spansOf(entry("vars")), ...spansOf(entry("defaults"))]);
  const written = entry("dialects");
  if (written && !(written.value.kind === "list" && written.value.items.length === 0)) {
    report("dialects are code; they can stand in a .js or .mjs config file only", written.span);
  }
  const dialects = readDialects(code, known, report);
  const names: DialectNames = {
    names: [...known.names, ...dialects.flatMap(({ name, aliases = [] }) => [name, ...aliases])],
    options: { ...known.options, ...Object.fromEntries(dialects.map(({ name, options }) => [name, options ?? {}])) },
  };
  return {
    path,
    folder,
    documents: readDocuments(entry("documents"), report),
    defaults: readDefaults(entry("defaults"), folder, names, report),
    servers: readServers(entry("servers"), schemes, report),
    vars: readVars(entry("vars"), spans, names, report),
    spans,
    allow: readAllow(entry("allow"), report),
    dialects,
  };
}

function readDocuments(entry: Entry | undefined, report: Report): readonly string[] {
  if (!entry) return [];
  const items = entry.value.kind === "list" ? entry.value.items : [entry.value];
  return items.flatMap((item) => {
    if (item.kind === "scalar" && typeof item.value === "string" && item.value !== "") return [item.value];
    report(
      `documents: ${showValue(item)} is no path; write files, folders and globs, as in [docs/**/*.md]`,
      item.span ?? entry.span,
    );
    return [];
  });
}

/** The entries of a mapping; empty where the key has no value. */
function entriesOf(entry: Entry | undefined, what: string, report: Report): readonly Entry[] {
  if (!entry || (entry.value.kind === "scalar" && entry.value.value === null)) return [];
  if (entry.value.kind === "map") return entry.value.entries;
  report(`${entry.name}: ${showValue(entry.value)} is there where ${what} should be`, entry.value.span ?? entry.span);
  return [];
}

/** One setting, its mistake reported at the key or at the member of its value that it is about. */
function checkSetting(
  into: Settings,
  key: string,
  raw: RawValue,
  entry: Entry,
  names: DialectNames,
  report: Report,
): Settings {
  try {
    return readSetting(into, key, raw, names);
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    const members = entry.value.kind === "map" ? entry.value.entries : [];
    for (const { code, key, message } of [error, ...error.further]) {
      const member = members.find(({ name }) => name === key);
      if (code === "unknown-key" && key === undefined) report(message, entry.span);
      else report(`${entry.name}: ${message}`, member?.span ?? entry.value.span);
    }
    return into;
  }
}

function readDefaults(entry: Entry | undefined, folder: string, names: DialectNames, report: Report): Settings {
  let settings: Settings = {};
  for (const setting of entriesOf(entry, '"key: value" lines', report)) {
    settings = checkSetting(settings, setting.name, toRawValue(setting.value), setting, names, report);
  }
  const { tls, options } = settings;
  if (settings.target !== undefined && settings.server !== undefined)
    report('defaults: "target" and "server" both say where to connect; keep one of them', entry?.span);
  return {
    ...settings,
    ...(tls?.ca !== undefined && { tls: { ...tls, ca: resolve(folder, tls.ca) } }),
    ...(options && { options: absolutePaths(options, names.options, folder) }),
  };
}

/** The places of the values of a mapping, by `key.name`. */
function spansOf(entry: Entry | undefined): readonly (readonly [string, Span])[] {
  const entries = entry?.value.kind === "map" ? entry.value.entries : [];
  return entries.flatMap(({ name, span, value }) => {
    const place = value.span ?? span;
    return place ? [[`${entry?.name}.${name}`, place] as const] : [];
  });
}

function readVars(
  entry: Entry | undefined,
  spans: Readonly<Record<string, Span>>,
  names: DialectNames,
  report: Report,
): Readonly<Record<string, string>> {
  if (!entry || (entry.value.kind === "scalar" && entry.value.value === null)) return {};
  const vars = checkSetting({}, "vars", toRawValue(entry.value), entry, names, report).vars ?? {};
  readVariables({ given: {}, written: [vars] }, (_, message, name) =>
    report(`vars: ${message}`, spans[`vars.${name}`]),
  );
  return vars;
}

const ALLOW_KEYS = ["unix", "env"] as const;
const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function readAllow(entry: Entry | undefined, report: Report): Allowed {
  const allowed: { unix?: readonly string[]; env?: readonly string[] } = {};
  for (const { name, span, value } of entriesOf(entry, "{unix: [...], env: [...]}", report)) {
    const key = ALLOW_KEYS.find((one) => one === name);
    if (key === undefined) {
      report(`allow: "${name}" is not a key${didYouMean(name, ALLOW_KEYS)}; use ${oneOf(ALLOW_KEYS)}`, span);
      continue;
    }
    const items = value.kind === "list" ? value.items : [value];
    allowed[key] = items.flatMap((item) => {
      const isText = item.kind === "scalar" && typeof item.value === "string" && item.value !== "";
      if (isText && (key === "unix" || ENVIRONMENT_NAME.test(item.text))) return [item.text];
      const wanted = key === "unix" ? "the path of a socket" : "the name of an environment variable";
      report(`allow: ${showValue(item)} is not ${wanted}`, item.span ?? span);
      return [];
    });
  }
  return allowed;
}

function readServers(
  entry: Entry | undefined,
  schemes: readonly string[],
  report: Report,
): Readonly<Record<string, ServerDefinition>> {
  const servers = entriesOf(entry, "the servers by their names", report).map(({ name, span, value }) =>
    readServer(name, span, value, schemes, report),
  );
  return Object.fromEntries(servers.flatMap((server) => (server ? [[server.name, server]] : [])));
}

const DIALECT_NAME = /^[a-z][a-z0-9-]*$/;

function readDialects(value: unknown, known: DialectNames, report: Report): readonly Dialect[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    report("dialects: a list of dialect objects", undefined);
    return [];
  }
  const taken = new Set(known.names);
  return value.filter((candidate: unknown, index): candidate is Dialect => {
    const mistake = mistakeOfDialect(candidate, taken);
    if (mistake !== undefined) report(`dialects: ${mistake} (number ${index + 1} of the list)`, undefined);
    return mistake === undefined;
  });
}

function mistakeOfDialect(candidate: unknown, taken: Set<string>): string | undefined {
  if (typeof candidate !== "object" || candidate === null) return "a dialect is an object";
  const {
    name,
    aliases = [],
    options = {},
    createCodec,
    requests,
    responses,
  } = candidate as Readonly<Record<keyof Dialect, unknown>>;
  if (!Array.isArray(aliases)) return "the aliases of a dialect are a list";
  for (const one of [name, ...aliases]) {
    if (typeof one !== "string" || !DIALECT_NAME.test(one))
      return `the name ${JSON.stringify(one)} is not made of small letters, digits and "-"`;
    if (taken.has(one)) return `there is a dialect "${one}" already`;
    taken.add(one);
  }
  if (typeof options !== "object" || options === null) return `the options of "${name}" are an object`;
  for (const [key, allowed] of Object.entries(options)) {
    const isWords = Array.isArray(allowed) && allowed.every((word) => typeof word === "string");
    if (!isWords && allowed !== "boolean" && allowed !== "text" && allowed !== "path") {
      return `the option "${key}" of "${name}" is "boolean", "text", "path" or a list of words`;
    }
  }
  if (typeof createCodec !== "function") return `the dialect "${name}" has no function createCodec`;
  for (const [key, reading] of Object.entries({ requests, responses })) {
    if (reading !== undefined && (typeof reading !== "object" || reading === null))
      return `"${key}" of "${name}" is an object`;
    const { matcher } = (reading ?? {}) as Readonly<Record<keyof Reading, unknown>>;
    if (matcher !== undefined && typeof matcher !== "function") return `${key}.matcher of "${name}" is no function`;
  }
  return undefined;
}
