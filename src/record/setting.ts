/** What holds while a document is recorded: what will hold when it is run, with the same config file. */

import { DocumentErrors, WiredocError } from "../base/error.ts";
import type { DialectOptions, Eol } from "../base/settings.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { loadConfig } from "../plan/config/load.ts";
import { planDocument } from "../plan/document.ts";
import { Permissions } from "../plan/permissions.ts";
import { checkGivenUrl } from "../plan/places.ts";
import { dialectNames, type Registry } from "../plan/registry.ts";
import { optionsOf } from "../plan/settings.ts";
import { hostOf, parseTarget } from "../transports/target.ts";
import type { Target } from "../transports/transport.ts";

/** What the command line says. Durations in milliseconds, sizes in bytes. */
export interface SettingOptions {
  readonly target: string | undefined;
  readonly dialect: string | undefined;
  readonly config: string | undefined;
  readonly timeout: number | undefined;
  readonly settle: number | undefined;
  readonly limit: number | undefined;
  readonly cwd: string;
}

export interface Setting {
  readonly dialect: Dialect;
  /** Whether the scheme of the target names the dialect, and nothing else does. */
  readonly isByScheme: boolean;
  readonly target: Target | undefined;
  /** Undefined where nobody said how lines end. */
  readonly eol: Eol | undefined;
  readonly timeout: number;
  readonly settle: number;
  readonly limit: number;
  /** What an HTTP request names in `Host`. */
  readonly host: string;
  readonly options: DialectOptions;
}

/** Stands for the document that is to be written, where only the command line can be wrong. */
const RECORDING = "the recording";

/** Mistakes of the config file, or the one of `--dialect`. */
function mistakeOf(errors: readonly WiredocError[]): Error {
  const mistake = errors.find(({ span }) => span?.file === RECORDING);
  if (!mistake) return new DocumentErrors(errors);
  const message = mistake.message
    .replace(/^dialect: /, "")
    .replace("in the front matter", 'under "defaults" in the config file');
  return new WiredocError("usage", `--dialect: ${message}`);
}

/** @throws {DocumentErrors} {@link WiredocError} for mistakes on the command line and in the config file. */
export async function settingOf(given: SettingOptions, registry: Registry): Promise<Setting> {
  const { cwd, target: url, dialect: named, timeout, settle, limit } = given;
  const schemes = Object.keys(registry.schemes);
  if (url !== undefined) checkGivenUrl(url, "--target", schemes);
  const config = await loadConfig(given.config, cwd, dialectNames(registry), schemes);
  const known = { ...registry, dialects: [...registry.dialects, ...config.dialects] };
  const options = {
    ...(url !== undefined && { target: url }),
    ...(timeout !== undefined && { timeout }),
    ...(settle !== undefined && { settle }),
    ...(limit !== undefined && { limit }),
  };
  const front = named === undefined ? "" : `---\ndialect: ${JSON.stringify(named)}\n---\n`;
  const text = { path: RECORDING, text: `${front}\n\`\`\`wire skip\n\`\`\`\n`, mistakes: [] };
  const permissions = new Permissions(options, config);
  const { examples, errors } = await planDocument(text, undefined, {
    cwd,
    options,
    config,
    registry: known,
    permissions,
    needTarget: false,
  });
  if (errors.length > 0) throw mistakeOf(errors);
  const { dialect, dialectByScheme, settings, place } = examples[0]!;
  const target = url === undefined ? undefined : parseTarget(url, place?.tls ?? {}, schemes);
  return {
    dialect,
    isByScheme: dialectByScheme,
    target,
    eol: config.defaults.eol,
    timeout: settings.timeout,
    settle: settings.settle,
    limit: settings.limit,
    host: target ? hostOf(target) : "localhost",
    options: optionsOf(dialect, settings),
  };
}
