/** The servers of a config file: what starts each, where it listens, how it is seen to be ready. */
import { parseDuration } from "../../base/duration.ts";
import { didYouMean, oneOf } from "../../base/error.ts";
import { loadOs } from "../../base/packages.ts";
import type { Span } from "../../base/span.ts";
import type { Value } from "../../transcript/value.ts";
import { parseTarget, TargetError } from "../../transports/target.ts";
import { type Report, showValue } from "./entries.ts";

/** A server that documents may name. `{{port}}` in command, target and environment is a free port of this machine. */
export interface ServerDefinition {
  readonly name: string;
  /** A command line for the shell; undefined where the server is there already. */
  readonly command: string | undefined;
  readonly target: string;
  readonly ready:
    | { readonly kind: "tcp" }
    | { readonly kind: "output"; readonly regex: RegExp }
    | { readonly kind: "http"; readonly path: string };
  /** A fresh server for each document, or one for the whole run. */
  readonly scope: "document" | "run";
  /** On top of this process's own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stop: NodeJS.Signals;
  /** How long it may take until it is ready, in milliseconds. */
  readonly startup: number;
  /** Where its target is written; undefined in JavaScript. */
  readonly span: Span | undefined;
}

const KEYS = ["command", "target", "ready", "scope", "environment", "stop", "startup"] as const;
const SCOPES = ["document", "run"] as const;
const signals = (): readonly NodeJS.Signals[] => Object.keys(loadOs().constants.signals) as NodeJS.Signals[];
/** `=` ends a name in `--server NAME=URL`, `:` in `builtin:NAME`. */
const SERVER_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const PORT = "{{port}}";

/** @throws {Mistake} */
type Read<T> = (value: Value) => T;

class Mistake extends Error {
  readonly span: Span | undefined;
  constructor(message: string, span: Span | undefined) {
    super(message);
    this.span = span;
  }
}

const text: Read<string> = (value) => {
  if (value.kind === "scalar" && value.value !== null && value.text.trim() !== "") return value.text;
  throw new Mistake(
    `${value.kind === "scalar" ? "nothing" : showValue(value)} is there where a text should be`,
    value.span,
  );
};

/** A URL, in which the port may be left to the run. */
const address =
  (schemes: readonly string[]): Read<string> =>
  (value) => {
    const url = text(value);
    try {
      parseTarget(url.replaceAll(PORT, "1"), {}, schemes);
    } catch (error) {
      if (error instanceof TargetError)
        throw new Mistake(error.message.replaceAll(/:1\b(?=")/g, `:${PORT}`), value.span);
      throw error;
    }
    return url;
  };

const word =
  <const T extends string>(words: readonly T[], description: string): Read<T> =>
  (value) => {
    const found = words.find((one) => value.kind === "scalar" && one === value.text);
    if (found !== undefined) return found;
    const guess = value.kind === "scalar" ? didYouMean(value.text, words) : "";
    throw new Mistake(`${showValue(value)} is not ${description}${guess}`, value.span);
  };

const duration: Read<number> = (value) => {
  const ms = value.kind === "scalar" ? parseDuration(value.text) : undefined;
  if (ms !== undefined && ms > 0) return ms;
  throw new Mistake(`${showValue(value)} is no duration above zero; write it like 500ms, 10s or 1m`, value.span);
};

const READY = 'write tcp, {output: "what it prints"} or {http: /path}';

const readiness: Read<ServerDefinition["ready"]> = (value) => {
  if (value.kind === "scalar" && value.text === "tcp") return { kind: "tcp" };
  const [entry, second] = value.kind === "map" ? value.entries : [];
  if (!entry) throw new Mistake(`${showValue(value)} tells nothing of when it is ready; ${READY}`, value.span);
  if (second) throw new Mistake(`one way to see that it is ready is enough; ${READY}`, second.span);
  if (entry.name === "output") return { kind: "output", regex: regex(entry.value) };
  if (entry.name !== "http") {
    throw new Mistake(
      `"${entry.name}" is no way to be ready${didYouMean(entry.name, ["output", "http"])}; ${READY}`,
      entry.span,
    );
  }
  const path = text(entry.value);
  if (!/^\/[^\s\x00-\x1f]*$/.test(path))
    throw new Mistake(`"${path}" is no path; write it like /health`, entry.value.span);
  return { kind: "http", path };
};

const regex: Read<RegExp> = (value) => {
  if (value.kind === "other" && value.value instanceof RegExp) return value.value;
  const source = text(value);
  try {
    return new RegExp(source, "u");
  } catch (error) {
    const why = (error as Error).message.replace(/^Invalid regular expression: .*\/u?: /, "");
    throw new Mistake(`"${source}" is no regular expression: ${why}`, value.span);
  }
};

const environment: Read<Readonly<Record<string, string>>> = (value) => {
  if (value.kind !== "map")
    throw new Mistake(`${showValue(value)} is there where "NAME: value" lines should be`, value.span);
  return Object.fromEntries(
    value.entries.map(({ name, span, value: member }) => {
      if (name === "" || /[=\x00\s]/.test(name))
        throw new Mistake(`"${name}" is no name of an environment variable`, span);
      if (member.kind !== "scalar")
        throw new Mistake(
          `the environment variable "${name}" is a single value, not ${showValue(member)}`,
          member.span,
        );
      if (member.text.includes("\0")) throw new Mistake(`the environment variable "${name}" holds a NUL`, member.span);
      return [name, member.text];
    }),
  );
};

/** Every mistake goes to `report`; undefined where the definition cannot be used. */
export function readServer(
  name: string,
  nameSpan: Span | undefined,
  value: Value,
  schemes: readonly string[],
  report: Report,
): ServerDefinition | undefined {
  const tell: Report = (message, span) => report(`server "${name}": ${message}`, span);
  if (!SERVER_NAME.test(name)) {
    report(`"${name}" is no name of a server; write letters, digits, "-", "_" and "."`, nameSpan);
    return undefined;
  }
  if (value.kind !== "map") {
    tell(`${showValue(value)} is there where its keys should be: ${oneOf(KEYS)}`, value.span);
    return undefined;
  }
  const entries = new Map(value.entries.map((entry) => [entry.name, entry]));
  for (const { name: key, span } of value.entries) {
    if (!(KEYS as readonly string[]).includes(key))
      tell(`"${key}" is no key of a server${didYouMean(key, KEYS)}; there are ${oneOf(KEYS)}`, span);
  }
  const take = <T>(key: (typeof KEYS)[number], read: Read<T>): T | undefined => {
    const entry = entries.get(key);
    if (!entry) return undefined;
    try {
      return read(entry.value);
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      tell(`${key}: ${error.message}`, error.span ?? entry.span);
      return undefined;
    }
  };

  const command = take("command", text);
  const target = take("target", address(schemes));
  const definition = {
    ready: take("ready", readiness) ?? ({ kind: "tcp" } as const),
    scope: take("scope", word(SCOPES, oneOf(SCOPES))) ?? "document",
    environment: take("environment", environment) ?? {},
    stop: take("stop", (value) => word(signals(), "the name of a signal, as in SIGTERM")(value)) ?? "SIGTERM",
    startup: take("startup", duration) ?? 10_000,
  };
  if (!entries.has("target"))
    tell('it has no target; write where it listens, as in "target: tcp://127.0.0.1:{{port}}"', nameSpan);
  if (!entries.has("command")) {
    if (target?.includes(PORT))
      tell(
        `"${PORT}" stands for the port of a server that is started, and there is no command`,
        entries.get("target")!.value.span,
      );
    for (const key of ["ready", "scope", "environment", "stop", "startup"]) {
      if (entries.has(key)) tell(`"${key}" is of no use without a command`, entries.get(key)!.span);
    }
  }
  return target === undefined
    ? undefined
    : { name, command, target, ...definition, span: entries.get("target")!.value.span };
}
