/** `defaults` and `vars`: what a config file sets for documents, checked as front matter is. */
import { resolve } from "node:path";
import type { Span } from "../../base/span.ts";
import type { RawValue } from "../../transcript/checks.ts";
import type { Settings } from "../../transcript/model.ts";
import { type DialectNames, readSetting, SettingError } from "../../transcript/settings.ts";
import { type Entry, toRawValue } from "../../transcript/value.ts";
import { absolutePaths } from "../dialects.ts";
import { readVariables } from "../variables.ts";
import { entriesOf, type Report } from "./entries.ts";
import { readExpressions } from "./expressions.ts";

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

/** The one key of `defaults` that front matter does not have. */
const UNSUPPORTED = "unsupported";

/** The expressions of `unsupported`, which stands beside `defaults` or in it. */
export function readUnsupported(
  entry: Entry | undefined,
  defaults: Entry | undefined,
  report: Report,
): readonly string[] {
  const members = defaults?.value.kind === "map" ? defaults.value.entries : [];
  const inDefaults = members.find(({ name }) => name === UNSUPPORTED);
  return [...readExpressions(entry, report), ...readExpressions(inDefaults, report)];
}

/** What documents have that do not set it themselves; paths become absolute. */
export function readDefaults(entry: Entry | undefined, folder: string, names: DialectNames, report: Report): Settings {
  let settings: Settings = {};
  for (const setting of entriesOf(entry, '"key: value" lines', report)) {
    if (setting.name === UNSUPPORTED) continue;
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

/** The variables of all documents. `spans` has their places, by `vars.NAME`. */
export function readVars(
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
