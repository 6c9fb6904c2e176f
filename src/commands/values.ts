/** The values of the options, each checked. Mistakes are `usage` errors that name the remedy. */
import { existsSync } from "node:fs";
import { didYouMean, oneOf, WiredocError } from "../base/error.ts";
import type { RunOptions } from "../plan/options.ts";
import { readSegment, type Segment } from "../plan/segment.ts";
import type { Settings } from "../transcript/model.ts";
import { readSetting, SettingError } from "../transcript/settings.ts";
import { type Arguments, COMMAND_NAMES, type OptionName, specOf } from "./options.ts";

/** A reporter and where it writes: to a file, or to standard output. */
export interface ReporterChoice {
  readonly name: string;
  readonly file: string | undefined;
}

type PlanOptions = Pick<
  RunOptions,
  "paths" | "config" | "target" | "servers" | "vars" | "grep" | "tags" | "strict" | "allow"
>;

export const usage = (message: string): WiredocError => new WiredocError("usage", message);

/** The options that all commands have in common. @throws {WiredocError} */
export function planOptions(given: Arguments): PlanOptions {
  return {
    paths: given.paths,
    ...optional("config", last(given, "config")),
    ...optional("target", last(given, "target")),
    ...optional("servers", assignments(given, "server")),
    ...optional("vars", assignments(given, "var")),
    ...optional("allow", allowed(given)),
    ...optional("grep", last(given, "grep")),
    ...optional("tags", given.texts.tag),
    ...optional("strict", given.flags.strict),
  };
}

function allowed(given: Arguments): RunOptions["allow"] {
  const [unix, env] = [given.texts["allow-unix"], given.texts["allow-env"]];
  return unix || env ? { ...optional("unix", unix), ...optional("env", env) } : undefined;
}

/** The options of `run`. @throws {WiredocError} */
export function runOptions(given: Arguments): RunOptions {
  return {
    ...planOptions(given),
    ...optional("jobs", count(given, "jobs", 1)),
    ...optional("timeout", setting(given, "timeout")),
    ...optional("settle", setting(given, "settle")),
    ...optional("limit", setting(given, "limit")),
    ...optional("bail", count(given, "bail", 1) ?? (given.flags.bail ? 1 : undefined)),
    ...optional("retry", count(given, "retry", 0)),
    ...optional("repeat", count(given, "repeat", 1)),
    ...optional("segment", segment(given)),
    ...optional("pipeline", count(given, "pipeline", 1) ?? (given.flags.pipeline ? SENT_AHEAD : undefined)),
    ...optional("secrets", given.texts.secret),
    ...optional("serverOutput", given.flags["server-output"]),
  };
}

/** What `--update` asks for: its value, or none. */
export type UpdateChoice = "failed" | "all" | "ask";
const UPDATES: readonly UpdateChoice[] = ["failed", "all", "ask"];

/** @returns undefined where documents stay as they are. `isWritten`: a value says so. @throws {WiredocError} */
export function updateChoice(
  given: Arguments,
): { readonly choice: UpdateChoice; readonly isWritten: boolean } | undefined {
  const text = last(given, "update");
  if (text === undefined) return given.flags.update ? { choice: "failed", isWritten: false } : undefined;
  const choice = UPDATES.find((one) => one === text);
  if (choice) return { choice, isWritten: true };
  throw usage(`--update: invalid value "${text}"${didYouMean(text, UPDATES)}: use ${oneOf(UPDATES)}`);
}

/** The reporters chosen, `pretty` by default. @throws {WiredocError} */
export function reporterChoices(given: Arguments, known: readonly string[]): readonly ReporterChoice[] {
  const choices = (given.texts.reporter ?? ["pretty"]).map((text): ReporterChoice => {
    const [name, file] = splitAtFirst(text, "=");
    if (!known.includes(name)) throw usage(`unknown reporter "${name}"${didYouMean(name, known)}: use ${oneOf(known)}`);
    if (file === "") throw usage(`--reporter ${text}: the "=" has no file after it: add one, or remove the "="`);
    return { name, file };
  });
  for (const [index, { name, file }] of choices.entries()) {
    const other = choices.slice(0, index).find((choice) => choice.file === file);
    if (!other) continue;
    const remedy = `give one of them a file of its own: --reporter ${name}=FILE`;
    throw usage(`the reporters "${other.name}" and "${name}" both write to ${file ?? "standard output"}; ${remedy}`);
  }
  return choices;
}

/** What `--pipeline` alone sends ahead. */
const SENT_AHEAD = 100;

/** Words that people try where they want an option. */
const OPTION_WORDS = ["help", "version"];

/** A first path that does not exist and looks like a command is a mistyped command. @throws {WiredocError} */
export function checkForMistypedCommand({ isImplied, paths: [word] }: Arguments): void {
  if (!isImplied || word === undefined || !/^[a-z]+$/i.test(word)) return;
  const guess = OPTION_WORDS.includes(word)
    ? ` (did you mean "wiredoc --${word}"?)`
    : didYouMean(word, COMMAND_NAMES).replace('"', '"wiredoc ');
  if (guess !== "" && !existsSync(word)) throw usage(`there is no command "${word}"${guess}, and no file of that name`);
}

/** The last value counts, so that it can overrule those of a script. */
export const last = (given: Arguments, name: OptionName): string | undefined => given.texts[name]?.at(-1);

const MOST = 999_999_999;

export function count(given: Arguments, name: OptionName, least: number, most: number = MOST): number | undefined {
  const text = last(given, name);
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const range = value > most ? `${most} or less` : `${least} or more`;
  throw usage(`--${name}: invalid number "${text}": use a whole number, ${range}`);
}

function setting<K extends "timeout" | "settle" | "limit">(given: Arguments, name: K): Settings[K] | undefined {
  const text = given.texts[name]?.at(-1);
  return text === undefined ? undefined : check(name, name, text, text)[name];
}

function segment(given: Arguments): Segment | undefined {
  const text = last(given, "segment");
  const value = text === undefined ? undefined : readSegment(text);
  if (text === undefined || value !== undefined) return value;
  throw usage(
    `--segment: invalid value "${text}": use whole, lines, bytes, random, or random:SEED with a number as in random:42`,
  );
}

/** Reads a value as front matter does. */
function check(option: OptionName, key: string, value: unknown, source: string): Settings {
  try {
    return readSetting({}, key, { value, source }, { names: [], options: {} });
  } catch (error) {
    if (error instanceof SettingError) throw usage(`--${option}: ${error.message}`);
    throw error;
  }
}

/** `NAME=VALUE` pairs. The last value of a name counts. */
function assignments(given: Arguments, option: "server" | "var"): Readonly<Record<string, string>> | undefined {
  const pairs = given.texts[option]?.map((text): readonly [string, string] => {
    const [name, value] = splitAtFirst(text, "=");
    const form = `use --${option} ${specOf(option).value}`;
    if (value === undefined || name === "") throw usage(`--${option}: invalid assignment "${text}": ${form}`);
    if (option === "server" && value === "") throw usage(`--server: "${text}" has no URL: ${form}`);
    if (option === "var") check("var", "vars", { [name]: value }, text);
    return [name, value];
  });
  return pairs && Object.fromEntries(pairs);
}

function splitAtFirst(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** `{[name]: value}`, or `{}` without a value. */
export function optional<K extends string, T>(name: K, value: T | undefined): { readonly [P in K]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: T };
}
