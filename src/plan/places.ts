/**
 * Where the examples of a document go, and which dialect is spoken there (format guide, sections 1 and 8).
 */
import { decodeText } from "../base/bytes.ts";
import { didYouMean, oneOf, WiredocError } from "../base/error.ts";
import type { TlsOptions } from "../base/settings.ts";
import type { Span } from "../base/span.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { type Part, PatternError, readParts } from "../match/parts.ts";
import type { Example } from "../transcript/model.ts";
import { isLoopback, parseTarget, TargetError } from "../transports/target.ts";
import type { Target } from "../transports/transport.ts";
import { readTls, type TlsContext } from "./certificates.ts";
import type { RunOptions } from "./options.ts";
import { type Permissions, socketMessage } from "./permissions.ts";
import type { Place } from "./planned.ts";
import { findDialect, type Registry } from "./registry.ts";
import { neededNames, Variables } from "./variables.ts";

export interface PlaceContext extends TlsContext {
  readonly options: RunOptions;
  readonly registry: Registry;
  readonly written: ReadonlyMap<string, readonly Part[]>;
  readonly permissions: Permissions;
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

/** The places of one document. Mistakes go to `report`. */
export class Places {
  readonly ofDocument: Place | undefined;
  readonly #context: PlaceContext;
  readonly #schemes: readonly string[];
  readonly #variables: Variables;
  readonly #needs: (name: string) => ReadonlySet<string>;
  readonly #tls: TlsOptions;
  /** Most examples have the document's place. */
  readonly #targets = new Map<Place, Target | undefined>();

  constructor(context: PlaceContext) {
    this.#context = context;
    const { document, options, registry, written } = context;
    this.#schemes = Object.keys(registry.schemes);
    this.#variables = new Variables(written);
    this.#needs = neededNames(written);
    this.#tls = readTls(context);
    const { settings, settingSpans } = document;
    this.ofDocument =
      options.target === undefined
        ? this.#place(settings.target, settings.server, settingSpans)
        : { kind: "url", url: [{ kind: "text", bytes: options.target }], span: undefined, tls: this.#tls };
  }

  ofExample({ attributes, attributeSpans }: Example): Place | undefined {
    return this.#place(attributes.target, attributes.server, attributeSpans) ?? this.ofDocument;
  }

  dialectOf(example: Example, place: Place | undefined): { readonly dialect: Dialect; readonly byScheme: boolean } {
    const { document, registry } = this.#context;
    const scheme = this.#schemeOf(place);
    const byScheme = (scheme === undefined ? undefined : registry.schemes[scheme]) ?? "line";
    const written = example.attributes.dialect ?? document.settings.dialect ?? (example.language || undefined);
    return { dialect: findDialect(registry, written ?? byScheme)!, byScheme: written === undefined };
  }

  /** The address of a place where it is known before the run. */
  targetOf(place: Place | undefined): Target | undefined {
    if (place?.kind !== "url") return undefined;
    if (!this.#targets.has(place)) this.#targets.set(place, this.#targetOfUrl(place.url, undefined, place.tls));
    return this.#targets.get(place);
  }

  /** Checks a URL that a document names, as far as its names are known before the run. */
  checkUrl(url: readonly Part[], span: Span, tls: TlsOptions): void {
    const { permissions, report } = this.#context;
    const mistakes = this.#environmentOf(url).flatMap((name) => permissions.checkVariable(name, span) ?? []);
    for (const mistake of mistakes) report(mistake);
    const target = mistakes.length > 0 ? undefined : this.#targetOfUrl(url, span, tls);
    if (!target) return;
    if (!isLoopback(target)) report(new WiredocError("remote-target", remoteMessage(target), span));
    if (target.scheme === "unix" && !permissions.allowsSocket(target.path))
      report(new WiredocError("not-allowed", socketMessage(target.path), span));
  }

  #place(
    target: string | undefined,
    server: string | undefined,
    spans: Readonly<Record<string, Span>>,
  ): Place | undefined {
    if (server !== undefined) return this.#serverPlace(server, spans.server);
    return target === undefined ? undefined : this.#urlPlace(target, spans.target);
  }

  #urlPlace(text: string, span: Span | undefined): Place | undefined {
    try {
      const url = readParts(text, span?.column ?? 1);
      if (span) this.checkUrl(url, span, this.#tls);
      else this.#targetOfUrl(url, this.#spanOfDefault("target"), this.#tls);
      return { kind: "url", url, span, tls: this.#tls };
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      this.#context.report(new WiredocError(error.code, error.message, span ?? this.#spanOfDefault("target")));
      return undefined;
    }
  }

  #serverPlace(name: string, span: Span | undefined): Place {
    const { config, registry, options, report } = this.#context;
    const builtin = name.startsWith(BUILTIN) ? name.slice(BUILTIN.length) : undefined;
    const exists =
      builtin === undefined ? Object.hasOwn(config.servers, name) : Object.hasOwn(registry.servers, builtin);
    if (!exists && options.servers?.[name] === undefined)
      report(new WiredocError("unknown-server", this.#unknownServer(name), span ?? this.#spanOfDefault("server")));
    return { kind: "server", name, span, tls: this.#tls };
  }

  #unknownServer(name: string): string {
    const { config, registry } = this.#context;
    const builtin = Object.keys(registry.servers).map((one) => BUILTIN + one);
    const guess = didYouMean(name, [...Object.keys(config.servers), ...builtin]);
    const where = config.path
      ? `${config.path} names none like it under "servers"`
      : "no config file was found that could name it (--config FILE)";
    return `there is no server "${name}"${guess}; ${where}, built in are ${oneOf(builtin)}`;
  }

  /** Where the config file says what a document leaves open. */
  #spanOfDefault(key: string): Span {
    const { config, document } = this.#context;
    return config.spans?.[`defaults.${key}`] ?? { file: config.path ?? document.path, line: 1, column: 1 };
  }

  #targetOfUrl(url: readonly Part[], span: Span | undefined, tls: TlsOptions): Target | undefined {
    const text = this.#variables.evaluate(url);
    if (text === undefined) return undefined;
    try {
      return parseTarget(decodeText(text), tls, this.#schemes);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      if (span) this.#context.report(new WiredocError("bad-url", error.message, span));
      return undefined;
    }
  }

  /** The environment variables that a URL is made of. */
  #environmentOf(url: readonly Part[]): readonly string[] {
    const names = url.flatMap((part) => (part.kind === "placeholder" ? [...this.#needs(part.name)] : []));
    return [...new Set(names)].filter((name) => name.startsWith("env."));
  }

  #schemeOf(place: Place | undefined): string | undefined {
    const { options, config, registry } = this.#context;
    if (!place) return undefined;
    if (place.kind === "url") {
      const [first] = place.url;
      return schemeOf(this.#variables.evaluate(place.url) ?? (first?.kind === "text" ? first.bytes : ""));
    }
    const url = options.servers?.[place.name] ?? config.servers[place.name]?.target;
    return url === undefined ? registry.servers[place.name.slice(BUILTIN.length)] : schemeOf(url);
  }
}

const schemeOf = (url: string): string | undefined => /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase();

export const remoteMessage = ({ host, url }: Target): string =>
  `a document may only name a server on this machine (127.0.0.0/8, ::1, localhost, a Unix socket), not "${host}"; give the address yourself: --target ${url}, or a server in the config file`;
