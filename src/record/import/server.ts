/** Which server of a recording the document is about, and in which dialect it speaks. */
import type { ByteString } from "../../base/bytes.ts";
import { WiredocError } from "../../base/error.ts";
import type { Conversation, Recording } from "./conversation.ts";

/** What the command line names. */
export interface Given {
  readonly target: string | undefined;
  readonly dialect: string | undefined;
}

export interface Chosen extends Recording {
  readonly target: string | undefined;
  /** Undefined: the scheme of the target tells. */
  readonly dialect: string | undefined;
}

/** So many servers are named in a warning. */
const MOST_NAMED = 5;

/** @throws {WiredocError} `bad-recording` where everything is encrypted. */
export function chooseServer(file: string, recording: Recording, given: Given): Chosen {
  const plain = recording.conversations.filter((one) => !speaksTls(one));
  const encrypted = recording.conversations.length - plain.length;
  if (plain.length === 0) throw new WiredocError("bad-recording", `${file}: everything in it is encrypted: ${DECRYPT}`);
  const groups = new Map<string | undefined, Conversation[]>();
  for (const one of plain) {
    const group = groups.get(one.target);
    if (group) group.push(one);
    else groups.set(one.target, [one]);
  }
  const target = [...groups.keys()].find((one) => sameServer(one, given.target)) ?? busiest(groups);
  const conversations = groups.get(target)!;
  const warnings = [
    ...recording.warnings,
    ...(encrypted > 0 ? [`what is encrypted is left out: ${DECRYPT}`] : []),
    ...(groups.size > 1 ? [others([...groups.keys()].filter((one) => one !== target))] : []),
  ];
  return { conversations, warnings, ...inDialect(given, target, protocolOf(conversations)) };
}

const DECRYPT = "give Wireshark the keys, follow the TLS stream, and save it as YAML";

/** A record of the handshake (RFC 8446, section 5.1). */
const speaksTls = ({ steps }: Conversation): boolean => /^\x16\x03[\0-\x04]/.test(firstOfClient(steps) ?? "");
const firstOfClient = (steps: Conversation["steps"]): ByteString | undefined =>
  steps.find(({ by, bytes }) => by === "client" && bytes !== undefined)?.bytes;

const PORTS: Readonly<Record<string, string>> = { http: ":80", https: ":443", redis: ":6379", rediss: ":6379" };

/** Whether two URLs name one place, whatever is spoken there. */
function sameServer(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && placeOf(one) === placeOf(other);
}

function placeOf(url: string): string {
  const [, scheme = "", place = url] = /^(\w+):\/\/([^/?#]*)/.exec(url.toLowerCase()) ?? [];
  return /:\d+$/.test(place) ? place : place + (PORTS[scheme] ?? "");
}

function busiest(groups: ReadonlyMap<string | undefined, readonly Conversation[]>): string | undefined {
  return [...groups].reduce((most, one) => (one[1].length > most[1].length ? one : most))[0];
}

function others(targets: readonly (string | undefined)[]): string {
  const named = targets.slice(0, MOST_NAMED).map((one) => one ?? "one without an address");
  const more = targets.length > MOST_NAMED ? ` and ${targets.length - MOST_NAMED} more` : "";
  return `other servers are left out: ${named.join(", ")}${more}; name the one that you mean with --target`;
}

/** What a client says first. */
const PROTOCOLS: Readonly<Record<string, RegExp>> = {
  http: /^[A-Z]{1,20} \S+ HTTP\/1\.[01]\r?\n/,
  redis: /^\*\d+\r\n\$\d+\r\n/,
};

function protocolOf(conversations: readonly Conversation[]): string | undefined {
  const beginnings = conversations.flatMap(({ steps }) => firstOfClient(steps) ?? []);
  return Object.keys(PROTOCOLS).find(
    (name) => beginnings.length > 0 && beginnings.every((bytes) => PROTOCOLS[name]!.test(bytes)),
  );
}

const SCHEMES: Readonly<Record<string, readonly [tcp: string, tls: string]>> = {
  http: ["http", "https"],
  redis: ["redis", "rediss"],
};

/** The scheme tells the dialect where it can. */
function inDialect(
  given: Given,
  found: string | undefined,
  protocol: string | undefined,
): Omit<Chosen, keyof Recording> {
  const target = given.target ?? found;
  if (given.dialect !== undefined || protocol === undefined) return { target, dialect: given.dialect };
  const [tcp, tls] = SCHEMES[protocol]!;
  if (given.target === undefined && target !== undefined && /^(?:tcp|tls):/.test(target))
    return { target: target.replace(/^tcp:/, `${tcp}:`).replace(/^tls:/, `${tls}:`), dialect: undefined };
  const tellsDialect = target !== undefined && !/^(?:tcp|tls|unix):/.test(target);
  return { target, dialect: tellsDialect ? undefined : protocol };
}
