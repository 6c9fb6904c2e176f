import type { Dialect } from "../dialects/dialect.ts";
import type { DialectNames } from "../transcript/settings.ts";

/** What a plan has to know of the plug-ins: builtins.ts and the config file name them. */
export interface Registry {
  readonly dialects: readonly Dialect[];
  /** The dialect of each URL scheme that a transport takes. */
  readonly schemes: Readonly<Record<string, string>>;
  /** Built-in servers: the scheme of the target of each, by its name without `builtin:`. */
  readonly servers: Readonly<Record<string, string>>;
}

export const findDialect = (registry: Registry, name: string): Dialect | undefined =>
  registry.dialects.find((dialect) => dialect.name === name || dialect.aliases?.includes(name));

/** The names and options that documents may use. */
export const dialectNames = ({ dialects }: Pick<Registry, "dialects">): DialectNames => ({
  names: dialects.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
  options: Object.fromEntries(dialects.flatMap(({ name, options }) => (options ? [[name, options]] : []))),
});
