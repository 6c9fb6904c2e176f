/**
 * A versioned key-value store for documentation: optimistic locking, watching, a log-in, a server that asks back.
 *
 * The server greets: `KV 1.0 ready`. Commands are lines, words between single spaces, in capitals; lines end in CRLF or
 * LF, replies in CRLF. A line has at most 1024 bytes, a key at most 250 and no spaces; a value is the rest of its
 * line, spaces and all. Every change of the store gets the next number, from 1: it is the version of what was changed.
 *
 *   SET key value           writes.                                              OK version
 *   GET key                 reads.                                               VALUE version value | NONE
 *   CAS key version value   writes if that is still its version (0: there is     OK version |
 *                           none yet), else tells the one it has.                CONFLICT version
 *   DEL key                 removes.                                             OK version | NONE
 *   KEYS [prefix]           `KEY key version`, a line each, sorted by bytes.     …, END
 *   WATCH key               from now on this connection is told of changes that  OK
 *                           others make: CHANGED key version, DELETED key version.
 *   UNWATCH key             ends that.                                           OK
 *   NUDGE                   the server sends PING token; the client has to       PING token, then OK
 *                           answer PONG token; commands are taken meanwhile.
 *   CHALLENGE               a token for AUTH.                                    CHALLENGE token
 *   AUTH proof              logs in, which only FLUSH asks for. The proof is the  OK | DENIED
 *                           password, `sesame`, or the MD5 in hexadecimal of the
 *                           last token and the password, one after the other; a token serves once.
 *   FLUSH                   removes all keys.                                    OK version | DENIED
 *   QUIT                    closes the connection.                               BYE
 *
 * What cannot be done is answered by one line, `ERROR code` and what would be right: unknown-command, bad-arguments,
 * line-too-long, unexpected-pong, too-many (keys, or watches or unanswered PINGs of one connection).
 */
import { createHash, randomBytes } from "node:crypto";
import type { ByteString } from "../base/bytes.ts";
import { type Client, LONGEST_LINE, lineServer, type Session } from "./line-server.ts";
import type { Server } from "./server.ts";

const PASSWORD = "sesame";
const MOST_KEYS = 10_000;
const MOST_WATCHES = 1000;
const MOST_PINGS = 16;

export function kvServer(): Server {
  return lineServer("kv", () => {
    const store = new Store();
    return (client) => {
      client.reply("KV 1.0 ready");
      return new Visitor(store, client);
    };
  });
}

interface Entry {
  readonly version: number;
  readonly value: ByteString;
}

/** What all connections share. */
class Store {
  readonly entries: Map<ByteString, Entry> = new Map();
  readonly visitors: Set<Visitor> = new Set();
  #version = 0;

  /** The version of the change; undefined where there is no room for another key. */
  set(key: ByteString, value: ByteString, by: Visitor): number | undefined {
    if (this.entries.size >= MOST_KEYS && !this.entries.has(key)) return undefined;
    this.entries.set(key, { version: ++this.#version, value });
    this.#tell("CHANGED", key, by);
    return this.#version;
  }

  delete(key: ByteString, by: Visitor): number | undefined {
    if (!this.entries.delete(key)) return undefined;
    this.#version++;
    this.#tell("DELETED", key, by);
    return this.#version;
  }

  flush(by: Visitor): number {
    const keys = [...this.entries.keys()];
    this.entries.clear();
    this.#version++;
    for (const key of keys) this.#tell("DELETED", key, by);
    return this.#version;
  }

  #tell(what: "CHANGED" | "DELETED", key: ByteString, by: Visitor): void {
    for (const visitor of this.visitors) {
      if (visitor !== by && visitor.watches.has(key)) visitor.client.reply(`${what} ${key} ${this.#version}`);
    }
  }
}

type Reply = readonly ByteString[];

const NO_ENTRY: Entry = { version: 0, value: "" };
const DENIED: Reply = ["DENIED"];
const error = (code: string, remedy: string): Reply => [`ERROR ${code} ${remedy}`];
const newToken = (): string => randomBytes(8).toString("hex");

interface Command {
  /** What follows its name, for people and as a pattern. */
  readonly usage: string;
  readonly pattern: RegExp;
  run(visitor: Visitor, words: readonly string[]): Reply;
}

const KEY = { usage: " key", pattern: /^ ([^ ]{1,250})$/ };
const NOTHING = { usage: "", pattern: /^$/ };
const PROOF = { usage: " proof", pattern: /^ ([^ ]+)$/ };
const TOKEN = { usage: " token", pattern: /^ ([^ ]+)$/ };

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  [
    "SET",
    {
      usage: " key value",
      pattern: /^ ([^ ]{1,250}) (.*)$/s,
      run: (visitor, [key, value]) => visitor.set(key!, value!),
    },
  ],
  ["GET", { ...KEY, run: (visitor, [key]) => visitor.get(key!) }],
  [
    "CAS",
    {
      usage: " key version value",
      pattern: /^ ([^ ]{1,250}) (\d{1,15}) (.*)$/s,
      run: (visitor, [key, version, value]) => visitor.compareAndSet(key!, Number(version), value!),
    },
  ],
  ["DEL", { ...KEY, run: (visitor, [key]) => visitor.delete(key!) }],
  ["KEYS", { usage: " [prefix]", pattern: /^(?: ([^ ]*))?$/, run: (visitor, [prefix]) => visitor.keys(prefix ?? "") }],
  ["WATCH", { ...KEY, run: (visitor, [key]) => visitor.watch(key!) }],
  ["UNWATCH", { ...KEY, run: (visitor, [key]) => visitor.unwatch(key!) }],
  ["NUDGE", { ...NOTHING, run: (visitor) => visitor.nudge() }],
  ["PONG", { ...TOKEN, run: (visitor, [token]) => visitor.pong(token!) }],
  ["CHALLENGE", { ...NOTHING, run: (visitor) => visitor.challenge() }],
  ["AUTH", { ...PROOF, run: (visitor, [proof]) => visitor.authenticate(proof!) }],
  ["FLUSH", { ...NOTHING, run: (visitor) => visitor.flush() }],
  ["QUIT", { ...NOTHING, run: (visitor) => visitor.quit() }],
]);

/** One connection. */
class Visitor implements Session {
  readonly client: Client;
  readonly watches: Set<ByteString> = new Set();
  readonly #store: Store;
  readonly #pings = new Set<string>();
  #token: string | undefined;
  #trusted = false;

  constructor(store: Store, client: Client) {
    this.#store = store;
    this.client = client;
    store.visitors.add(this);
  }

  line(text: ByteString | undefined): void {
    const reply = this.#execute(text);
    if (reply.length > 0) this.client.reply(...reply);
  }

  closed(): void {
    this.#store.visitors.delete(this);
  }

  #execute(text: ByteString | undefined): Reply {
    if (text === undefined) return error("line-too-long", `at most ${LONGEST_LINE} bytes`);
    const name = text.split(" ", 1)[0]!;
    const command = COMMANDS.get(name);
    if (command === undefined) return error("unknown-command", `one of ${[...COMMANDS.keys()].join(" ")}`);
    const match = command.pattern.exec(text.slice(name.length));
    return match === null ? error("bad-arguments", `${name}${command.usage}`) : command.run(this, match.slice(1));
  }

  set(key: ByteString, value: ByteString): Reply {
    const version = this.#store.set(key, value, this);
    return version === undefined ? error("too-many", `at most ${MOST_KEYS} keys`) : [`OK ${version}`];
  }

  get(key: ByteString): Reply {
    const entry = this.#store.entries.get(key);
    return entry === undefined ? ["NONE"] : [`VALUE ${entry.version} ${entry.value}`];
  }

  compareAndSet(key: ByteString, version: number, value: ByteString): Reply {
    const current = (this.#store.entries.get(key) ?? NO_ENTRY).version;
    return current === version ? this.set(key, value) : [`CONFLICT ${current}`];
  }

  delete(key: ByteString): Reply {
    const version = this.#store.delete(key, this);
    return version === undefined ? ["NONE"] : [`OK ${version}`];
  }

  keys(prefix: ByteString): Reply {
    // One UTF-16 unit is one byte here, so that the default order is that of the bytes.
    const keys = [...this.#store.entries.keys()].filter((key) => key.startsWith(prefix)).sort();
    return [...keys.map((key) => `KEY ${key} ${this.#store.entries.get(key)?.version}`), "END"];
  }

  watch(key: ByteString): Reply {
    if (this.watches.size >= MOST_WATCHES) return error("too-many", `at most ${MOST_WATCHES} watches`);
    this.watches.add(key);
    return ["OK"];
  }

  unwatch(key: ByteString): Reply {
    this.watches.delete(key);
    return ["OK"];
  }

  /** Its OK comes with the PONG, so that a client that does not answer is noticed. */
  nudge(): Reply {
    if (this.#pings.size >= MOST_PINGS) return error("too-many", "answer the PINGs first");
    const token = newToken();
    this.#pings.add(token);
    return [`PING ${token}`];
  }

  pong(token: string): Reply {
    return this.#pings.delete(token) ? ["OK"] : error("unexpected-pong", "PONG with the token of a PING");
  }

  challenge(): Reply {
    this.#token = newToken();
    return [`CHALLENGE ${this.#token}`];
  }

  authenticate(proof: string): Reply {
    const digest = createHash("md5").update(`${this.#token}${PASSWORD}`).digest("hex");
    const proven = proof === PASSWORD || (this.#token !== undefined && proof === digest);
    this.#token = undefined;
    this.#trusted ||= proven;
    return proven ? ["OK"] : DENIED;
  }

  flush(): Reply {
    return this.#trusted ? [`OK ${this.#store.flush(this)}`] : DENIED;
  }

  quit(): Reply {
    this.client.reply("BYE");
    this.client.end();
    return [];
  }
}
