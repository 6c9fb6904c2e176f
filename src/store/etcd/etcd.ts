/**
 * The engine on etcd (v3, 3.4 or later): a front end without a state of its own, of which several may stand side by side.
 * A file is a key, its path; a revision is etcd's. What is decided is decided by etcd, in one transaction a write, and
 * every read is linearizable.
 *
 * Whoever else writes to the etcd moves the revision too: what is written under `/` is a change like any other, all else
 * a NOP.
 */
import { type Change, type Engine, EngineError, type Entry, type File, type Refusal, type Stat } from "../engine.ts";
import { Glob } from "../glob.ts";
import { SENTINEL } from "./changes.ts";
import { type ClientOptions, EtcdClient } from "./client.ts";
import { EtcdRefusal, OUT_OF_RANGE } from "./errors.ts";
import { Feed } from "./feed.ts";
import { Listings, PAGE } from "./listing.ts";
import {
  decodeRange,
  decodeTransaction,
  encodeCompaction,
  encodeRange,
  encodeTransaction,
  type KeyValue,
  type Range,
  type RangeResult,
  type TransactionResult,
} from "./messages.ts";
import { deleting, NOP, setting, type Write } from "./writes.ts";

export interface EtcdOptions extends ClientOptions {
  /** How many revisions stay readable: older ones are compacted, for all who use the etcd. None are where it is missing. */
  readonly history?: number | undefined;
}

/** How often the history is trimmed, in milliseconds. */
const TRIM_INTERVAL = 1000;
const NAME_PATH = "/ctl/name";
const NAME = "local";

/** Resolves when etcd has answered and every change from now on is seen. @throws {EngineError} */
export async function etcdEngine({ history, ...options }: EtcdOptions): Promise<Engine> {
  const client = new EtcdClient(options);
  const feed = new Feed(client);
  const engine = new EtcdEngine(client, feed, history);
  try {
    await engine.begin();
    await feed.open();
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** What there is at a path. */
interface Look {
  /** The revision at which it was looked. */
  readonly revision: number;
  readonly file: KeyValue | undefined;
  /** The first keys below it. */
  readonly below: RangeResult;
}

class EtcdEngine implements Engine {
  readonly #client: EtcdClient;
  readonly #feed: Feed;
  readonly #listings = new Listings((range, signal) => this.#range(range, signal));
  readonly #trimming: NodeJS.Timeout | undefined;
  #trimmed = 1;

  constructor(client: EtcdClient, feed: Feed, history: number | undefined) {
    this.#client = client;
    this.#feed = feed;
    if (history !== undefined) this.#trimming = setInterval(() => this.#trim(history), TRIM_INTERVAL);
  }

  /** Writes what every store holds, where nobody did before. */
  async begin(): Promise<void> {
    const put = { kind: "put", key: NAME_PATH, value: Buffer.from(NAME) } as const;
    const message = encodeTransaction({
      compare: [{ kind: "missing", key: NAME_PATH }],
      success: [put],
      failure: [],
    });
    // It may be repeated as a read may: once written it is not written again.
    await this.#client.read("KV/Txn", message);
  }

  async revision(): Promise<number> {
    const { revision } = await this.#range({ key: SENTINEL, keysOnly: true });
    return revision;
  }

  get(path: string, at: number | undefined, signal: AbortSignal): Promise<File | Refusal> {
    return this.#read(at, signal, async () => {
      const end = endOf(path);
      // The first key from the path on: mostly that is the file, what is below it, or nothing.
      const { kvs, revision } = await this.#range({ key: path, end, revision: at, limit: 1 }, signal);
      const [first] = kvs;
      if (path === "/" || first?.key.startsWith(`${path}/`)) return "ISDIR";
      if (first?.key === path) return { path, revision: first.revision, value: first.value };
      if (first === undefined) return { path, revision: 0, value: NOTHING };
      // `/a-b` stands between `/a` and `/a/b`.
      const range = { key: `${path}/`, end, revision: at ?? revision, limit: 1, keysOnly: true };
      const below = await this.#range(range, signal);
      return below.kvs.length > 0 ? "ISDIR" : { path, revision: 0, value: NOTHING };
    });
  }

  stat(path: string, at: number | undefined, signal: AbortSignal): Promise<Stat | Refusal> {
    return this.#read(at, signal, async () => {
      const contents = await this.#contents(path, at, signal);
      if (contents === undefined) return { kind: "missing" };
      if ("value" in contents) return { kind: "file", revision: contents.revision, bytes: contents.value.length };
      return { kind: "directory", entries: contents.length };
    });
  }

  entry(path: string, offset: number, at: number | undefined, signal: AbortSignal): Promise<Entry | Refusal> {
    return this.#read(at, signal, async () => {
      const contents = await this.#contents(path, at, signal);
      if (contents === undefined) return "NOENT";
      if ("value" in contents) return "NOTDIR";
      const name = contents[offset];
      return name === undefined ? "RANGE" : { name };
    });
  }

  walk(glob: string, offset: number, at: number | undefined, signal: AbortSignal): Promise<File | Refusal> {
    return this.#read(at, signal, async () => {
      const revision = at ?? (await this.revision());
      const path = (await this.#listings.matches(glob, revision, signal))[offset];
      // The list may be an older one than etcd would still give: it is asked in any case.
      const { kvs } = await this.#range({ key: path ?? SENTINEL, revision }, signal);
      const [file] = kvs;
      return path === undefined || file === undefined ? "RANGE" : { path, revision: file.revision, value: file.value };
    });
  }

  set(path: string, value: Uint8Array, revision: number): Promise<number | Refusal> {
    return this.#write(setting(path, value, revision));
  }

  del(path: string, revision: number): Promise<number | Refusal> {
    return this.#write(deleting(path, revision));
  }

  async nop(): Promise<number> {
    return (await this.#transact(NOP.transaction)).revision;
  }

  async wait(glob: string, from: number, signal: AbortSignal): Promise<Change | Refusal> {
    if (!this.#feed.isAhead(from)) {
      const refusal = await this.#read(from, signal, async () => {
        await this.#range({ key: SENTINEL, revision: from, keysOnly: true }, signal);
        return undefined;
      });
      if (refusal !== undefined) return refusal;
    }
    // Revision 1 is the empty store; the first change makes 2.
    return this.#feed.wait(new Glob(glob), Math.max(from, 2), signal);
  }

  async close(): Promise<void> {
    clearInterval(this.#trimming);
    await this.#feed.close(new EngineError("the store is closing"));
    await this.#client.close();
  }

  /** Asks until the revision to read at is there. */
  async #read<T>(at: number | undefined, signal: AbortSignal, ask: () => Promise<T | Refusal>): Promise<T | Refusal> {
    for (let attempts = 1; ; attempts++) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof EtcdRefusal) || error.status !== OUT_OF_RANGE) throw error;
        if (!error.message.includes("future")) {
          if (at !== undefined) return "TOO_LATE";
          // The present, pinned to its revision, was compacted before it was read in full.
          if (attempts === MOST_ATTEMPTS) throw error;
        } else if (at !== undefined) {
          await this.#feed.wait(EVERYTHING, at, signal);
        } else {
          throw error;
        }
      }
    }
  }

  /** A file, or a directory's names; undefined: neither. */
  async #contents(
    path: string,
    at: number | undefined,
    signal: AbortSignal,
  ): Promise<KeyValue | readonly string[] | undefined> {
    if (this.#listings.knows(path)) {
      const { revision } = await this.#range({ key: SENTINEL, revision: at, keysOnly: true }, signal);
      const kept = this.#listings.kept(path, at ?? revision);
      if (kept !== undefined) return kept;
    }
    const { file, below, revision } = await this.#look(path, at, signal);
    if (file !== undefined) return file;
    return isDirectory(path, below) ? this.#listings.entries(path, below, revision, signal) : undefined;
  }

  async #look(path: string, at: number | undefined, signal: AbortSignal): Promise<Look> {
    const range = { key: path === "/" ? "/" : `${path}/`, end: endOf(path) };
    const success = [
      { kind: "range", key: path, revision: at },
      { kind: "range", ...range, revision: at, limit: PAGE, keysOnly: true },
    ] as const;
    const message = encodeTransaction({ compare: [], success, failure: [] });
    const { revision, responses } = decoded(decodeTransaction, await this.#client.read("KV/Txn", message, signal));
    const [there, below] = responses;
    if (there?.kind !== "range" || below?.kind !== "range") throw new EngineError(STRANGE);
    return { revision: at ?? revision, file: path === "/" ? undefined : there.kvs[0], below };
  }

  async #range(range: Range, signal?: AbortSignal): Promise<RangeResult> {
    return decoded(decodeRange, await this.#client.read("KV/Range", encodeRange(range), signal));
  }

  async #write({ transaction, outcome }: Write): Promise<number | Refusal> {
    return outcome(await this.#transact(transaction));
  }

  async #transact(transaction: Write["transaction"]): Promise<TransactionResult> {
    return decoded(decodeTransaction, await this.#client.write("KV/Txn", encodeTransaction(transaction)), true);
  }

  /** Others may trim as well; the one that keeps least wins. */
  #trim(history: number): void {
    const oldest = this.#feed.revision - history + 1;
    if (oldest <= this.#trimmed) return;
    this.#trimmed = oldest;
    this.#client.write("KV/Compact", encodeCompaction(oldest)).catch((error: unknown) => {
      // What somebody else has trimmed etcd refuses; what could not be asked is asked again.
      if (!(error instanceof EtcdRefusal)) this.#trimmed = 1;
    });
  }
}

const EVERYTHING = new Glob("/**");
const MOST_ATTEMPTS = 5;
/** What comes after all that is below a path. */
const endOf = (path: string): string => (path === "/" ? "0" : `${path}0`);

/** The root is one even when it is empty. */
const isDirectory = (path: string, { kvs }: RangeResult): boolean => path === "/" || kvs.length > 0;

const NOTHING = new Uint8Array(0);
const STRANGE = "etcd gave an answer that is none to what it was asked";

/** @throws {EngineError} where the bytes are not what they should be. */
function decoded<T>(decode: (message: Uint8Array) => T, message: Uint8Array, unknown = false): T {
  try {
    return decode(message);
  } catch (error) {
    throw new EngineError(`${STRANGE}: ${(error as Error).message}`, unknown);
  }
}
