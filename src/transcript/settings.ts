/** What front matter and the config file's `defaults` may set: each key once (format guide, section 1). */
import { didYouMean, oneOf } from "../base/error.ts";
import type { DialectOptions, OptionSchema, TlsOptions } from "../base/settings.ts";
import {
  type Check,
  duration,
  markers,
  options,
  positiveDuration,
  type RawValue,
  SettingError,
  show,
  size,
  text,
  vars,
  word,
  words,
} from "./checks.ts";
import type { Settings } from "./model.ts";

export { SettingError } from "./checks.ts";

/** Mistakes of front matter, or of one fence, that are told: with so many it is meant for something else. */
export const MOST_MISTAKES = 100;

type SettingKey = Exclude<keyof Settings, "options">;
const TLS_SCHEMA = { ca: "text", servername: "text", insecure: "boolean" } as const;

/** Each key of front matter with the check of its value. */
export const SETTINGS: { readonly [K in SettingKey]-?: Check<Settings[K]> } = {
  target: text,
  server: text,
  dialect: text,
  eol: word("crlf", "lf", "any"),
  timeout: positiveDuration,
  settle: duration,
  limit: size,
  connection: word("document", "example"),
  client: markers,
  reply: markers,
  blocks: words,
  vars,
  tags: words,
  tls: (raw) => options(raw, TLS_SCHEMA) as TlsOptions,
};

/** The dialects that a document may name, and the options of each. */
export interface DialectNames {
  readonly names: readonly string[];
  readonly options: Readonly<Record<string, OptionSchema>>;
}

/** @throws {SettingError} where a setting names a dialect that is not known. */
export function checkDialect(key: string, raw: RawValue, dialects: DialectNames): void {
  if (key !== "dialect" || dialects.names.includes(raw.source ?? "")) return;
  throw new SettingError(
    `unknown dialect ${show(raw)}${didYouMean(raw.source ?? "", dialects.names)}: use ${oneOf(dialects.names)}`,
  );
}

/** Checks one key of front matter and adds it to the settings. @throws {SettingError} */
export function readSetting(into: Settings, key: string, raw: RawValue, dialects: DialectNames): Settings {
  const schema = Object.hasOwn(dialects.options, key) ? dialects.options[key] : undefined;
  if (schema) {
    const found = options(raw, schema) as DialectOptions;
    return { ...into, options: { ...into.options, [key]: found } };
  }
  if (!Object.hasOwn(SETTINGS, key)) {
    const known = [...Object.keys(SETTINGS), ...Object.keys(dialects.options)];
    throw new SettingError(`unknown key "${key}"${didYouMean(key, known)}: use ${oneOf(known)}`, "unknown-key");
  }
  checkDialect(key, raw, dialects);
  return { ...into, [key]: SETTINGS[key as SettingKey](raw) };
}
