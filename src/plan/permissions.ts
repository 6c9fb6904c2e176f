/**
 * What a document may use only if the user who runs it allows it: Unix sockets and environment variables (format guide,
 * section 1). What the config file names itself needs no permission.
 */
import { resolve } from "node:path";
import { WiredocError } from "../base/error.ts";
import type { Span } from "../base/span.ts";
import type { Config } from "./config/config.ts";
import type { RunOptions } from "./options.ts";

export class Permissions {
  readonly #sockets: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;

  constructor({ allow: given = {}, cwd = process.cwd() }: RunOptions, config: Config) {
    const { allow = {}, folder, vars, defaults } = config;
    this.#sockets = new Set([
      ...(given.unix ?? []).map((path) => resolve(cwd, path)),
      ...(allow.unix ?? []).map((path) => resolve(folder, path)),
    ]);
    const written = [...Object.values(vars), ...Object.values(defaults.vars ?? {}), defaults.target ?? ""];
    this.#names = new Set([...(given.env ?? []), ...(allow.env ?? []), ...written.flatMap(environmentNames)]);
  }

  allowsSocket(path: string): boolean {
    return this.#sockets.has(resolve(path));
  }

  /** The mistake of a document that uses an environment variable, `env.NAME`; undefined where it may and it is set. */
  checkVariable(name: string, span: Span): WiredocError | undefined {
    const variable = name.slice("env.".length);
    if (!this.#names.has(variable))
      return new WiredocError(
        "not-allowed",
        `a document may not read the environment variable ${variable} unless you allow it: --allow-env ${variable}, or "allow: {env: [${variable}]}" in the config file`,
        span,
      );
    if (process.env[variable] !== undefined) return undefined;
    return new WiredocError("unset-variable", `the environment variable ${variable} is not set`, span);
  }
}

export const socketMessage = (path: string): string =>
  `a document may not use the Unix socket ${path} unless you allow it: --allow-unix ${path}, or "allow: {unix: [${path}]}" in the config file`;

const environmentNames = (text: string): readonly string[] =>
  [...text.matchAll(/\{\{env\.([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name = ""]) => name);
