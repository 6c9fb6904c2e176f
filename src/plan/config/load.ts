/** The config file: found, read and checked. All its mistakes are told at once. */
import { resolve } from "node:path";
import { DocumentErrors, WiredocError } from "../../base/error.ts";
import type { DialectNames } from "../../transcript/settings.ts";
import { displayPath } from "../display-path.ts";
import { type Config, withoutFile } from "./config.ts";
import type { Report } from "./entries.ts";
import { findConfig } from "./find.ts";
import { readConfig } from "./read.ts";
import { readSource } from "./source.ts";

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
  if (found === undefined) return withoutFile(resolve(cwd));
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
