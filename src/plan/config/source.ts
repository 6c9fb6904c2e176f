/** What is written in a config file, before it is checked: YAML, JSON, or what a JavaScript module exports. */
import { existsSync, promises as files } from "node:fs";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import { WiredocError } from "../../base/error.ts";
import type { Value } from "../../transcript/value.ts";
import { importModule } from "./import-module.ts";
import { CircularValueError, fromJavaScript } from "./javascript.ts";

/** What the file says; the dialects of a JavaScript config apart, as they are code. */
export interface ConfigSource {
  readonly value: Value | undefined;
  readonly dialects: unknown;
}

/** @throws {WiredocError} `no-such-file`, `unreadable`, `bad-config` */
export async function readSource(
  path: string,
  file: string,
  report: (error: WiredocError) => void,
): Promise<ConfigSource> {
  if (!existsSync(path)) throw new WiredocError("no-such-file", `the config file "${file}" does not exist`);
  const ending = extname(path);
  if (ending === ".js" || ending === ".mjs") return importSource(path, file);
  if (ending !== ".yaml" && ending !== ".yml" && ending !== ".json") {
    throw new WiredocError("bad-config", `unknown kind of config file "${file}": use .yaml, .yml, .json, .js or .mjs`);
  }
  const text = await files.readFile(path, "utf8").catch((error: Error) => {
    throw new WiredocError("unreadable", `the config file "${file}" cannot be read: ${error.message}`);
  });
  const { fromYaml } = await import("./yaml.ts");
  return { value: fromYaml(text, file, report), dialects: undefined };
}

async function importSource(path: string, file: string): Promise<ConfigSource> {
  const fail = (message: string): never => {
    throw new WiredocError("bad-config", `${file}: ${message}`);
  };
  const module = await importModule(pathToFileURL(path).href).catch((error: unknown) =>
    fail(`it cannot be loaded: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`),
  );
  const exported = module.default;
  if (typeof exported !== "object" || exported === null || Array.isArray(exported)) {
    return fail(
      `its default export is ${exported === undefined ? "missing" : "not an object"}; write: export default { … }`,
    );
  }
  const { dialects, ...rest } = exported as Readonly<Record<string, unknown>>;
  try {
    return { value: fromJavaScript(rest), dialects };
  } catch (error) {
    return fail(error instanceof CircularValueError ? error.message : String(error));
  }
}
