/**
 * The verbs: what is checked in which order, what the engine is asked, how its answer is written down. The order of the
 * checks is the real server's: permission, arguments, path or glob, then what the engine refuses.
 */
import type { Access, Rights } from "./access.ts";
import {
  type Answer,
  type Change,
  type Engine,
  EngineError,
  type Entry,
  type File,
  type Refusal,
  type Stat,
} from "./engine.ts";
import { type ErrorName, type Replies, type Request, VERB } from "./message.ts";
import { isLegalGlob, isLegalPath } from "./path.ts";

/** Event flags. */
const FLAGS = { set: 4, del: 8, nop: 0 } as const;
const DIRECTORY = -2;
const SLASH = 0x2f;

/** What a request needs to know of its connection. */
export interface Client {
  readonly rights: Rights;
  /** Aborts when the connection is over. */
  readonly signal: AbortSignal;
  /** The same for a request that may stay open; aborted at once where too many are. */
  readonly openSignal: AbortSignal;
}

/** An answer that the engine still owes. */
export interface Pending {
  /** Writes the reply when it is there. Never rejects but with the signal's reason. */
  readonly reply: Promise<(replies: Replies) => void>;
  /** Whether it may be long in coming: the connection's other requests are answered meanwhile. */
  readonly isOpen: boolean;
}

export class Service {
  readonly #engine: Engine;
  readonly #access: Access;
  readonly #id: string;
  /** The newest revision that was seen: up to here no read has to wait. */
  #seen = 0;

  constructor(engine: Engine, access: Access, id: string) {
    this.#engine = engine;
    this.#access = access;
    this.#id = id;
  }

  /** Carries a request out; the reply is written, or pending. */
  serve(request: Request, client: Client, replies: Replies): Pending | undefined {
    const { tag, verb } = request;
    const { mayRead, mayWrite } = client.rights;
    switch (verb) {
      case VERB.REV:
        return this.#finish(this.#engine.revision(), tag, replies, this.#writeRevision);
      case VERB.SELF:
        return void replies.begin(tag).value(Buffer.from(this.#id, "latin1")).end();
      case VERB.ACCESS:
        return this.#access.grant(client.rights, request.takeValue())
          ? void replies.begin(tag).end()
          : deny(replies, tag);
      case VERB.SET:
      case VERB.DEL:
        return mayWrite ? this.#write(request, replies) : deny(replies, tag);
      case VERB.NOP:
        return mayWrite ? this.#finish(this.#engine.nop(), tag, replies, writeNothing) : deny(replies, tag);
      case VERB.GET:
        return mayRead ? this.#get(request, client, replies) : deny(replies, tag);
      case VERB.STAT:
        return mayRead ? this.#stat(request, client, replies) : deny(replies, tag);
      case VERB.GETDIR:
        return mayRead ? this.#getDirectory(request, client, replies) : deny(replies, tag);
      case VERB.WALK:
        return mayRead ? this.#walk(request, client, replies) : deny(replies, tag);
      case VERB.WAIT:
        return mayRead ? this.#wait(request, client, replies) : deny(replies, tag);
      default:
        return refuse(replies, tag, "UNKNOWN_VERB");
    }
  }

  #write(request: Request, replies: Replies): Pending | undefined {
    const { tag, path, rev } = request;
    if (path === undefined || rev === undefined) return refuse(replies, tag, "MISSING_ARG");
    if (!isLegalPath(path)) return refuse(replies, tag, "BAD_PATH");
    return request.verb === VERB.SET
      ? this.#finish(this.#engine.set(path, request.takeValue(), rev), tag, replies, this.#writeRevision)
      : this.#finish(this.#engine.del(path, rev), tag, replies, writeNothing);
  }

  #get(request: Request, client: Client, replies: Replies): Pending | undefined {
    const { tag, path } = request;
    if (path === undefined) return refuse(replies, tag, "MISSING_ARG");
    if (path === "") return refuse(replies, tag, "BAD_PATH");
    const known = withSlash(path);
    return this.#read(request, client, replies, writeFile, (at, signal) =>
      known === undefined ? this.#ofNothing(at, signal, MISSING_FILE) : this.#engine.get(known, at, signal),
    );
  }

  #stat(request: Request, client: Client, replies: Replies): Pending | undefined {
    const { path } = request;
    return this.#read(request, client, replies, writeStat, (at, signal) =>
      path === undefined || !isLegalPath(path)
        ? this.#ofNothing(at, signal, NO_STAT)
        : this.#engine.stat(path, at, signal),
    );
  }

  #getDirectory(request: Request, client: Client, replies: Replies): Pending | undefined {
    const { tag, path, offset } = request;
    if (path === undefined || offset === undefined) return refuse(replies, tag, "MISSING_ARG");
    if (path === "") return refuse(replies, tag, "BAD_PATH");
    const known = withSlash(path);
    return this.#read<Entry>(request, client, replies, writeEntry, (at, signal) =>
      known === undefined ? this.#ofNothing(at, signal, "NOENT") : this.#engine.entry(known, offset, at, signal),
    );
  }

  #walk(request: Request, client: Client, replies: Replies): Pending | undefined {
    const { tag, path, offset } = request;
    if (path === undefined || offset === undefined) return refuse(replies, tag, "MISSING_ARG");
    if (!isLegalGlob(path)) return refuseGlob(replies, tag, path);
    if (offset < 0) return refuse(replies, tag, "RANGE");
    return this.#read(request, client, replies, writeWalked, (at, signal) =>
      this.#engine.walk(path, offset, at, signal),
    );
  }

  #wait({ tag, path, rev }: Request, { openSignal }: Client, replies: Replies): Pending | undefined {
    if (path === undefined || rev === undefined) return refuse(replies, tag, "MISSING_ARG");
    if (!isLegalGlob(path)) return refuseGlob(replies, tag, path);
    return this.#finish(this.#engine.wait(path, Math.max(1, rev), openSignal), tag, replies, writeChange, true);
  }

  /** What is asked of the revision that the request names. */
  #read<T>(
    { tag, rev }: Request,
    client: Client,
    replies: Replies,
    write: (replies: Replies, result: T) => void,
    ask: (at: number | undefined, signal: AbortSignal) => Answer<T | Refusal>,
  ): Pending | undefined {
    // Revisions of 0 and below read as the first one.
    const at = rev === undefined || rev > 1 ? rev : 1;
    const isOpen = at !== undefined && at > this.#seen;
    return this.#finish(ask(at, isOpen ? client.openSignal : client.signal), tag, replies, write, isOpen);
  }

  /** What is said of a path that nothing can have, once it is known that the revision can be read. */
  #ofNothing<T>(at: number | undefined, signal: AbortSignal, nothing: T): Answer<T | Refusal> {
    const say = (root: Stat | Refusal): T | Refusal => (typeof root === "string" ? root : nothing);
    const root = this.#engine.stat("/", at, signal);
    return root instanceof Promise ? root.then(say) : say(root);
  }

  readonly #writeRevision = (replies: Replies, revision: number): void => {
    if (revision > this.#seen) this.#seen = revision;
    replies.rev(revision);
  };

  #finish<T>(
    answer: Answer<T | Refusal>,
    tag: number | undefined,
    replies: Replies,
    write: (replies: Replies, result: T) => void,
    isOpen = false,
  ): Pending | undefined {
    const settle = (to: Replies, result: T | Refusal): void => {
      if (typeof result === "string") return to.error(tag, result as Refusal);
      to.begin(tag);
      write(to, result as T);
      to.end();
    };
    if (!(answer instanceof Promise)) {
      settle(replies, answer);
      return undefined;
    }
    const reply = answer.then(
      (result) => (later: Replies) => settle(later, result),
      (error: unknown) => {
        if (!(error instanceof EngineError)) throw error;
        const said = error.unknown ? `${error.message}; the change may have been made` : error.message;
        return (later: Replies) => later.error(tag, "OTHER", Buffer.from(said).toString("latin1"));
      },
    );
    return { reply, isOpen };
  }
}

const MISSING_FILE: File = { path: "", revision: 0, value: new Uint8Array(0) };
const NO_STAT: Stat = { kind: "missing" };

/** GET and GETDIR do not look at the first byte of a path; undefined where what follows is no legal path. */
function withSlash(path: string): string | undefined {
  if (path.charCodeAt(0) === SLASH) return isLegalPath(path) ? path : undefined;
  const known = `/${path.slice(1)}`;
  return known !== "/" && isLegalPath(known) ? known : undefined;
}

const writeNothing = (): void => {};
const writeFile = (replies: Replies, { revision, value }: File): void => void replies.rev(revision).value(value);
const writeEntry = (replies: Replies, { name }: Entry): void => void replies.path(name);

function writeStat(replies: Replies, stat: Stat): void {
  if (stat.kind === "directory") replies.rev(DIRECTORY).len(stat.entries);
  else if (stat.kind === "file") replies.rev(stat.revision).len(stat.bytes);
  else replies.rev(0).len(0);
}

const writeWalked = (replies: Replies, { path, revision, value }: File): void =>
  void replies.flags(FLAGS.set).rev(revision).path(path).value(value);
const writeChange = (replies: Replies, { kind, path, revision, value }: Change): void =>
  void replies.flags(FLAGS[kind]).rev(revision).path(path).value(value);

function refuse(replies: Replies, tag: number | undefined, name: ErrorName, detail?: string): undefined {
  replies.error(tag, name, detail);
}

const deny = (replies: Replies, tag: number | undefined): undefined =>
  refuse(replies, tag, "OTHER", "permission denied");

const refuseGlob = (replies: Replies, tag: number | undefined, glob: string): undefined =>
  refuse(replies, tag, "OTHER", `invalid glob pattern: ${glob}`);
