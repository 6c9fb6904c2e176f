/** Where a document is served: what its target says, at another address. */
import { decodeText } from "../base/bytes.ts";
import { WiredocError } from "../base/error.ts";
import type { Bound } from "../base/listening.ts";
import { writeBound } from "../base/listening.ts";
import { BUILTIN } from "../plan/places.ts";
import type { Plan } from "../plan/plan.ts";
import type { Place, PlannedDocument } from "../plan/planned.ts";
import { Variables } from "../plan/variables.ts";
import type { ListenTarget, ServerCertificate } from "../transports/listen.ts";

/** The schemes whose connections begin with TLS. */
const SECURE = ["tls", "https", "rediss"];

export type Address = ListenTarget["at"];

export interface ServedAddress extends ListenTarget {
  readonly scheme: string;
}

const schemeOf = (url: string): string | undefined => /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase();

/** @throws {WiredocError} `usage` where a certificate is needed. */
export function servedAddress(
  document: PlannedDocument,
  plan: Pick<Plan, "config" | "registry">,
  at: Address | undefined,
  certificate: ServerCertificate | undefined,
): ServedAddress {
  const place = document.place ?? document.examples.find((example) => example.place)?.place;
  const url = place && urlOf(place, document, plan);
  const named = url === undefined ? undefined : schemeOf(url);
  const { dialect } = document.examples[0] ?? {};
  const scheme =
    named ?? Object.entries(plan.registry.schemes).find(([, name]) => name === dialect?.name)?.[0] ?? "tcp";
  const ofDocument = scheme === "unix" && url ? { path: url.replace(/^unix:(?:\/\/(?=\/))?/i, "") } : undefined;
  const startsWithTls = SECURE.includes(scheme);
  const needs = startsWithTls ? `the target ${scheme}://` : startsTls(document) ? "=== starttls" : undefined;
  if (needs !== undefined && !certificate)
    throw new WiredocError("usage", `${needs} needs a certificate: use --tls-cert FILE and --tls-key FILE`);
  return { scheme, at: at ?? ofDocument ?? { host: "127.0.0.1", port: 0 }, certificate, startsWithTls };
}

const startsTls = ({ examples }: PlannedDocument): boolean =>
  examples.some(({ moves }) => moves.some((move) => move.kind === "act" && move.act === "starttls"));

function urlOf(place: Place, { variables }: PlannedDocument, { config, registry }: Pick<Plan, "config" | "registry">) {
  if (place.kind === "url") return decodeText(new Variables(variables).evaluate(place.url) ?? "");
  if (!place.name.startsWith(BUILTIN)) return config.servers[place.name]?.target;
  const scheme = registry.servers[place.name.slice(BUILTIN.length)];
  return scheme && `${scheme}:`;
}

/** The URL for clients. */
export function servedUrl({ scheme }: ServedAddress, bound: Bound): string {
  if (bound.path !== "") return `unix:${bound.path}`;
  return `${scheme === "unix" ? "tcp" : scheme}://${writeBound(bound)}`;
}
