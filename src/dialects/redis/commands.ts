/** What a command tells of its replies: how they are shown, how many there are, where fields and values are pairs. */
import type { ByteString } from "../../base/bytes.ts";
import { isAggregate, type RespValue } from "./value.ts";

/**
 * The `part` of a reply's lines: where fields and values follow each other in its arrays. `pairs N`: in those at depth N,
 * the reply itself being 0; `entries`: in the entries of a stream; empty: nowhere.
 */
export type Pairs = "" | "entries" | `pairs ${number}`;

/** A command that a client sent. */
export interface Command {
  /** In capitals; of CLIENT with its first two arguments. */
  readonly name: string;
  /** Shown as redis-cli shows what is meant for people: as it is. */
  readonly isRaw: boolean;
  readonly pairs: Pairs;
  /** Whether its reply changes nothing for those that follow. */
  readonly isOrdinary: boolean;
  /** Whether it is answered other than once, or may be. */
  readonly isInOrder: boolean;
  /** Of (P|S)(UN)SUBSCRIBE: its messages that are still to come; undefined: as many as there are subscriptions. */
  left?: number | undefined;
  /** Its number as a request (see Request in dialects/codec.ts); undefined where its replies are taken in order. */
  readonly id?: number | undefined;
  /** Of HELLO: the version of the protocol that it asks for. */
  readonly version?: 2 | 3 | undefined;
}

/** Commands, and subcommands, whose text redis-cli 7.0 shows as it is. A number: of so many arguments exactly. */
const RAW: Readonly<Record<string, true | number>> = {
  INFO: true,
  LOLWUT: true,
  "DEBUG HTSTATS": true,
  "DEBUG HTSTATS-KEY": true,
  "DEBUG CLIENT-EVICTION": true,
  "MEMORY MALLOC-STATS": true,
  "MEMORY DOCTOR": true,
  "CLUSTER NODES": 2,
  "CLUSTER INFO": 2,
  "CLIENT LIST": true,
  "CLIENT INFO": true,
  "LATENCY GRAPH": 3,
  "LATENCY DOCTOR": 2,
  "PROXY INFO": true,
};

/** Commands that answer with field and value by turns, and the depth of the array that holds them. */
const PAIRS: Readonly<Record<string, number>> = {
  HGETALL: 0,
  HELLO: 0,
  ZPOPMIN: 0,
  ZPOPMAX: 0,
  HSCAN: 1,
  ZSCAN: 1,
  LCS: 0,
  "CONFIG GET": 0,
  "PUBSUB NUMSUB": 0,
  "PUBSUB SHARDNUMSUB": 0,
  "ACL GETUSER": 0,
  "CLIENT TRACKINGINFO": 0,
  "COMMAND DOCS": 0,
  "FUNCTION LIST": 1,
  "FUNCTION STATS": 0,
  "MEMORY STATS": 0,
  "MODULE LIST": 1,
  "SENTINEL MASTER": 0,
  "SENTINEL MASTERS": 1,
  "SENTINEL REPLICAS": 1,
  "CLUSTER LINKS": 1,
  "CLUSTER SHARDS": 1,
  "XINFO STREAM": 0,
  "XINFO GROUPS": 1,
  "XINFO CONSUMERS": 1,
};
/** Words that make a command answer so. */
const PAIRING_WORDS: ReadonlySet<string> = new Set(["WITHSCORES", "WITHVALUES"]);
const STREAM_COMMANDS: ReadonlySet<string> = new Set([
  "XRANGE",
  "XREVRANGE",
  "XREAD",
  "XREADGROUP",
  "XCLAIM",
  "XAUTOCLAIM",
]);

function pairsOf(words: readonly string[], command: string): Pairs {
  if (STREAM_COMMANDS.has(words[0]!)) return "entries";
  const depth = PAIRS[words[0]!] ?? PAIRS[command] ?? (words.some((word) => PAIRING_WORDS.has(word)) ? 0 : undefined);
  return depth === undefined ? "" : `pairs ${depth}`;
}

const NOT_ANSWERED_ONCE = /^(?:[PS]?(?:UN)?SUBSCRIBE|MONITOR|CLIENT REPLY .*)$/;
/** Commands whose replies say what is to come. */
const EFFECTIVE = /^(?:[PS]?(?:UN)?SUBSCRIBE|MULTI|DISCARD|EXEC|HELLO|MONITOR|QUIT|RESET|CLIENT .*)$/;

export const SUBSCRIBING: RegExp = /^[PS]?(?:UN)?SUBSCRIBE$/;

export function commandOf(args: readonly ByteString[]): Command {
  // No word that counts is longer.
  const words = args.map((arg) => (arg.length <= 20 ? arg.toUpperCase() : ""));
  const name = words[0]!;
  const command = `${name} ${words[1]}`;
  const raw = RAW[name] ?? RAW[command];
  const fullName = name === "CLIENT" ? `${command} ${words[2]}` : name;
  const known = {
    name: fullName,
    isOrdinary: !EFFECTIVE.test(fullName),
    isInOrder: NOT_ANSWERED_ONCE.test(fullName),
    isRaw: raw === true || raw === args.length,
    pairs: pairsOf(words, command),
  };
  if (name === "HELLO") return { ...known, version: words[1] === "3" ? 3 : words[1] === "2" ? 2 : undefined };
  if (!SUBSCRIBING.test(name)) return known;
  const channels = args.length - 1;
  return { ...known, left: channels > 0 ? channels : name.includes("UN") ? undefined : 1 };
}

/** The word that a message to a subscriber begins with; empty where the value cannot be one. */
export function messageWord(value: RespValue): string {
  if (!isAggregate(value) || (value.kind !== "array" && value.kind !== "push")) return "";
  const [first] = value.elements;
  return first && !isAggregate(first) && first.kind === "string" ? first.text : "";
}
