/**
 * From documents to what will be done. Each mistake shows with its line before a byte is sent.
 */
import { didYouMean, WiredocError } from "../base/error.ts";
import type { Config } from "./config/config.ts";
import { loadConfig } from "./config/load.ts";
import { planDocument } from "./document.ts";
import type { RunOptions } from "./options.ts";
import { resolveDocuments } from "./paths.ts";
import { Permissions } from "./permissions.ts";
import type { PlannedDocument } from "./planned.ts";
import { readDocument } from "./read.ts";
import { dialectNames, type Registry } from "./registry.ts";

export interface Plan {
  readonly documents: readonly PlannedDocument[];
  readonly config: Config;
  /** With the dialects that the config and the options add. */
  readonly registry: Registry;
  readonly permissions: Permissions;
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
  const permissions = new Permissions(options, config);
  const context = { cwd, options, config, registry, permissions, needTarget };
  const documents: PlannedDocument[] = [];
  for (const [path, lines] of chosen) documents.push(await planDocument(readDocument(path, cwd), lines, context));
  checkNames(options, documents);
  return { documents, config, registry, permissions };
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
