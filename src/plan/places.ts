/**
 * Where the examples of a document go, and which dialect is spoken there (format guide, sections 1 and 8).
 */
import { resolve } from "node:path";
import { decodeText } from "../base/bytes.ts";
import { didYouMean, oneOf, WiredocError } from "../base/error.ts";
import { NamedFileError, readNamedFile } from "../base/named-file.ts";
import type { TlsOptions } from "../base/settings.ts";
import type { Span } from "../base/span.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { type Part, PatternError, readParts } from "../match/parts.ts";
import type { Document, Example } from "../transcript/model.ts";
import { isLoopback, parseTarget, TargetError } from "../transports/target.ts";
import type { Target } from "../transports/transport.ts";
import type { Config } from "./config.ts";
import { type Leave, socketMessage } from "./leave.ts";
import type { RunOptions } from "./options.ts";
import type { Place } from "./planned.ts";
import { findDialect, type Registry } from "./registry.ts";
import { neededNames, Variables } from "./variables.ts";

export interface PlaceContext {
  readonly document: Document;
  readonly options: RunOptions;
  readonly config: Config;
  readonly registry: Registry;
  readonly written: ReadonlyMap<string, readonly Part[]>;
  readonly report: (error: WiredocError) => void;
  /** Of the document: paths in it start here. */
  readonly folder: string;
  /** The folder that files named in the document have to be in. */
  readonly within: string;
  readonly leave: Leave;
}

export interface Places {
  readonly ofDocument: Place | undefined;
  ofExample(example: Example): Place | undefined;
  dialectOf(example: Example, place: Place | undefined): { readonly dialect: Dialect; readonly byScheme: boolean };
  /** Checks a URL that a document names, as far as its names are known before the run. */
  checkUrl(url: readonly Part[], span: Span, tls: TlsOptions): void;
  /** The address of a place where it is known before the run. */
  targetOf(place: Place | undefined): Target | undefined;
}

export const BUILTIN = "builtin:";

/** Reads a URL of the command line. @throws {WiredocError} */
export function checkGivenUrl(url: string, flag: string, schemes: readonly string[]): void {
  try {
    parseTarget(url, {}, schemes);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    throw new WiredocError("usage", `${flag}: ${error.message}`);
  }
}

export function placeFinder(context: PlaceContext): Places {
  const { document, options, config, registry, written, leave, report } = context;
  const { settings, settingSpans } = document;
  const schemes = Object.keys(registry.schemes);
  const known = new Variables(written);
  const needs = neededNames(written);
  /** The environment variables that a URL is made of. */
  const environmentOf = (url: readonly Part[]): readonly string[] => {
    const names = url.flatMap((part) => (part.kind === "placeholder" ? [...needs(part.name)] : []));
    return [...new Set(names)].filter((name) => name.startsWith("env."));
  };
  const tls = readCa(context);

  const targetOfUrl = (url: readonly Part[], span: Span | undefined, tlsOptions: TlsOptions): Target | undefined => {
    const text = known.evaluate(url);
    if (text === undefined) return undefined;
    try {
      return parseTarget(decodeText(text), tlsOptions, schemes);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      if (span) report(new WiredocError("bad-url", error.message, span));
      return undefined;
    }
  };

  const checkUrl = (url: readonly Part[], span: Span, tlsOptions: TlsOptions): void => {
    const mistakes = environmentOf(url).flatMap((name) => leave.variable(name, span) ?? []);
    for (const mistake of mistakes) report(mistake);
    const target = mistakes.length > 0 ? undefined : targetOfUrl(url, span, tlsOptions);
    if (!target) return;
    if (!isLoopback(target)) report(new WiredocError("remote-target", remoteMessage(target), span));
    if (target.scheme === "unix" && !leave.allowsSocket(target.path))
      report(new WiredocError("not-allowed", socketMessage(target.path), span));
  };

  /** Where the config file says what a document leaves open. */
  const spanOfDefault = (key: string): Span =>
    config.spans?.[`defaults.${key}`] ?? { file: config.path ?? document.path, line: 1, column: 1 };

  const urlPlace = (text: string, span: Span | undefined): Place | undefined => {
    try {
      const url = readParts(text, span?.column ?? 1);
      if (span) checkUrl(url, span, tls);
      else targetOfUrl(url, spanOfDefault("target"), tls);
      return { kind: "url", url, span, tls };
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      report(new WiredocError(error.code, error.message, span ?? spanOfDefault("target")));
      return undefined;
    }
  };

  const serverPlace = (name: string, span: Span | undefined): Place => {
    const builtin = name.startsWith(BUILTIN) ? name.slice(BUILTIN.length) : undefined;
    const names = [...Object.keys(config.servers), ...Object.keys(registry.servers).map((one) => BUILTIN + one)];
    const exists =
      builtin === undefined ? Object.hasOwn(config.servers, name) : Object.hasOwn(registry.servers, builtin);
    if (!exists && options.servers?.[name] === undefined) {
      report(
        new WiredocError(
          "unknown-server",
          `there is no server "${name}"${didYouMean(name, names)}; ${config.path ? `${config.path} names none like it under "servers"` : "no config file was found that could name it (--config FILE)"}, built in are ${oneOf(names.filter((one) => one.startsWith(BUILTIN)))}`,
          span ?? spanOfDefault("server"),
        ),
      );
    }
    return { kind: "server", name, span, tls };
  };

  const place = (
    target: string | undefined,
    server: string | undefined,
    spans: Readonly<Record<string, Span>>,
  ): Place | undefined => {
    if (server !== undefined) return serverPlace(server, spans.server);
    return target === undefined ? undefined : urlPlace(target, spans.target);
  };

  const ofDocument: Place | undefined =
    options.target === undefined
      ? place(settings.target, settings.server, settingSpans)
      : { kind: "url", url: [{ kind: "text", bytes: options.target }], span: undefined, tls };

  const schemeOf = (where: Place | undefined): string | undefined => {
    if (!where) return undefined;
    if (where.kind === "url") {
      const text = known.evaluate(where.url) ?? (where.url[0]?.kind === "text" ? where.url[0].bytes : "");
      return /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase();
    }
    const url = options.servers?.[where.name] ?? config.servers[where.name]?.target;
    if (url !== undefined) return /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase();
    return registry.servers[where.name.slice(BUILTIN.length)];
  };

  /** Most examples have the document's place. */
  const targets = new Map<Place, Target | undefined>();
  const targetOf = (where: Place | undefined): Target | undefined => {
    if (where?.kind !== "url") return undefined;
    if (!targets.has(where)) targets.set(where, targetOfUrl(where.url, undefined, where.tls));
    return targets.get(where);
  };

  return {
    ofDocument,
    checkUrl,
    targetOf,
    ofExample: ({ attributes, attributeSpans }) =>
      place(attributes.target, attributes.server, attributeSpans) ?? ofDocument,
    dialectOf: (example, where) => {
      const scheme = schemeOf(where);
      const byScheme = (scheme === undefined ? undefined : registry.schemes[scheme]) ?? "line";
      const written = example.attributes.dialect ?? settings.dialect ?? (example.language || undefined);
      return { dialect: findDialect(registry, written ?? byScheme)!, byScheme: written === undefined };
    },
  };
}

export const remoteMessage = ({ host, url }: Target): string =>
  `a document may only name a server on this machine (127.0.0.0/8, ::1, localhost, a Unix socket), not "${host}"; give the address yourself: --target ${url}, or a server in the config file`;

/** The document's TLS options with the certificates read. */
function readCa({ document, report, folder, within, config }: PlaceContext): TlsOptions {
  const { tls = {} } = document.settings;
  if (tls.ca === undefined) return tls;
  const { ca, ...rest } = tls;
  const ownSpan = document.settingSpans["tls.ca"] ?? document.settingSpans.tls;
  const fail = (message: string): TlsOptions => {
    report(
      new WiredocError(
        "bad-ca",
        message,
        ownSpan ?? config.spans?.["defaults.tls"] ?? { file: config.path ?? document.path, line: 1, column: 1 },
      ),
    );
    return rest;
  };
  try {
    const text = ownSpan
      ? readNamedFile(resolve(folder, ca), within)
      : readNamedFile(resolve(config.folder, ca), undefined);
    if (text.includes("-----BEGIN CERTIFICATE-----")) return { ...rest, ca: text };
    return fail(`tls.ca: ${ca} has no certificate in PEM format, which begins with -----BEGIN CERTIFICATE-----`);
  } catch (error) {
    if (!(error instanceof NamedFileError)) throw error;
    return fail(`tls.ca: ${ca} cannot be read: ${error.message}`);
  }
}
