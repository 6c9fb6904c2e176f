/** The keys of a config file, each checked, also those that this run does not use. */
import { dirname } from "node:path";
import { didYouMean, oneOf } from "../../base/error.ts";
import type { DialectNames } from "../../transcript/settings.ts";
import type { Entry } from "../../transcript/value.ts";
import { readAllow } from "./allow.ts";
import type { Config } from "./config.ts";
import { readDefaults, readUnsupported, readVars } from "./defaults.ts";
import { readDialects } from "./dialects.ts";
import { entriesOf, placesOf, type Report, showValue } from "./entries.ts";
import { readServer, type ServerDefinition } from "./server-definition.ts";
import type { ConfigSource } from "./source.ts";

const KEYS = ["documents", "defaults", "servers", "vars", "allow", "unsupported", "dialects"] as const;

/** Checks what a config file says; mistakes go to `report`, and what has one is left out. */
export function readConfig(
  { value, dialects: code }: ConfigSource,
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
      report(`unknown key "${name}"${didYouMean(name, KEYS)}: use ${oneOf(KEYS)}`, span);
    }
  }
  const entry = (key: (typeof KEYS)[number]): Entry | undefined => entries.find(({ name }) => name === key);
  const spans = Object.fromEntries([...placesOf(entry("vars")), ...placesOf(entry("defaults"))]);
  const written = entry("dialects");
  if (written && !(written.value.kind === "list" && written.value.items.length === 0)) {
    report("dialects are code; they can stand in a .js or .mjs config file only", written.span);
  }
  const dialects = readDialects(code, known, report);
  const names: DialectNames = {
    names: [...known.names, ...dialects.flatMap(({ name, aliases = [] }) => [name, ...aliases])],
    options: { ...known.options, ...Object.fromEntries(dialects.map(({ name, options }) => [name, options ?? {}])) },
  };
  const unsupported = readUnsupported(entry("unsupported"), entry("defaults"), report);
  return {
    path,
    folder,
    documents: readDocuments(entry("documents"), report),
    defaults: readDefaults(entry("defaults"), folder, names, report),
    servers: readServers(entry("servers"), schemes, report),
    vars: readVars(entry("vars"), spans, names, report),
    spans,
    allow: readAllow(entry("allow"), report),
    ...(unsupported.length > 0 && { unsupported }),
    dialects,
  };
}

function readDocuments(entry: Entry | undefined, report: Report): readonly string[] {
  if (!entry) return [];
  const items = entry.value.kind === "list" ? entry.value.items : [entry.value];
  return items.flatMap((item) => {
    if (item.kind === "scalar" && typeof item.value === "string" && item.value !== "") return [item.value];
    report(
      `documents: invalid path ${showValue(item)}: use files, folders and globs, for example [docs/**/*.md]`,
      item.span ?? entry.span,
    );
    return [];
  });
}

function readServers(
  entry: Entry | undefined,
  schemes: readonly string[],
  report: Report,
): Readonly<Record<string, ServerDefinition>> {
  const servers = entriesOf(entry, "a mapping of names to servers", report).map(({ name, span, value }) =>
    readServer(name, span, value, schemes, report),
  );
  return Object.fromEntries(servers.flatMap((server) => (server ? [[server.name, server]] : [])));
}
