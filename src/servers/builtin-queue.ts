/**
 * A job queue for documentation: producers put jobs in, workers take them, each job is done by one of them.
 *
 * The client speaks first. Commands are lines, words between single spaces, in capitals; lines end in CRLF, and a bare
 * LF is taken too. A line has at most 1024 bytes. Jobs are numbered from 1 and handed out oldest first.
 *
 *   PUT size           then `size` bytes (at most 65536) and a line ending.        QUEUED id
 *   TAKE [ms]          the oldest job; waits until there is one, or `ms` long.     JOB id size, the bytes, a line
 *                      Commands sent meanwhile are read after it.                  ending | EMPTY
 *   DONE id            a job taken on this connection is done.                     OK
 *   FAIL id            it failed, and is the next to be taken; the third time      QUEUED id | DEAD id
 *                      it is dead and never taken again.
 *   WATCH | UNWATCH    begins or ends the telling of what others do.               OK
 *   STATS              lines `name number`: queued, taken, done, dead, waiting     …, END
 *                      (in TAKE), watching.
 *   QUIT               closes the connection.                                      BYE
 *
 * Those who watch are told what happens on other connections: EVENT queued id, EVENT taken id, EVENT done id,
 * EVENT dead id. Jobs taken on a connection that closes are queued again, before all others.
 *
 * What cannot be done is answered by one line, `ERROR code` and what would be right: unknown-command, bad-arguments,
 * line-too-long, too-large (the bytes are read and dropped), expected-line-ending (what follows the bytes up to the next
 * line ending is dropped, and so is the job), not-taken (DONE or FAIL of a job that this connection does not hold), full.
 */
import type { ByteString } from "../base/bytes.ts";
import { type Client, LONGEST_LINE, lineServer, type Session } from "./line-server.ts";
import type { Server } from "./server.ts";

const LARGEST_JOB = 65_536;
/** What all jobs together may hold, in bytes, each job counting as at least {@link JOB_OVERHEAD}. */
const LARGEST_QUEUE = 16_000_000;
const JOB_OVERHEAD = 256;
const MOST_FAILURES = 3;

export function queueServer(): Server {
  return lineServer("queue", () => {
    const queue = new Queue();
    return (client) => new Worker(queue, client);
  });
}

interface Job {
  readonly id: number;
  readonly bytes: ByteString;
  failures: number;
}

/** What a command is answered with at once; nothing where the answer comes later. */
type Reply = readonly ByteString[];

type EventName = "queued" | "taken" | "done" | "dead";

const sizeOf = (job: { readonly bytes: ByteString }): number => job.bytes.length + JOB_OVERHEAD;

/** What all connections share. */
class Queue {
  readonly watching: Set<Worker> = new Set();
  /** Those in TAKE, the longest there first. */
  readonly waiting: Set<Worker> = new Set();
  readonly #queued: Job[] = [];
  #lastId = 0;
  #taken = 0;
  #done = 0;
  #dead = 0;
  #size = 0;

  put(bytes: ByteString): Job | undefined {
    if (this.#size + sizeOf({ bytes }) > LARGEST_QUEUE) return undefined;
    const job = { id: ++this.#lastId, bytes, failures: 0 };
    this.#size += sizeOf(job);
    this.#queued.push(job);
    return job;
  }

  take(): Job | undefined {
    const job = this.#queued.shift();
    if (job !== undefined) this.#taken++;
    return job;
  }

  finish(job: Job, as: "done" | "dead"): void {
    this.#taken--;
    this.#size -= sizeOf(job);
    if (as === "done") this.#done++;
    else this.#dead++;
  }

  /** Back to the front, in the order they were taken. */
  putBack(jobs: readonly Job[]): void {
    this.#taken -= jobs.length;
    this.#queued.unshift(...jobs);
  }

  /** Hands jobs to those who wait, the longest waiting first. */
  handOut(): void {
    for (const worker of this.waiting) {
      if (this.#queued.length === 0) return;
      this.waiting.delete(worker);
      worker.receive();
    }
  }

  tell(event: EventName, job: Job, by: Worker): void {
    for (const watcher of this.watching) if (watcher !== by) watcher.client.reply(`EVENT ${event} ${job.id}`);
  }

  stats(): string[] {
    return [
      `queued ${this.#queued.length}`,
      `taken ${this.#taken}`,
      `done ${this.#done}`,
      `dead ${this.#dead}`,
      `waiting ${this.waiting.size}`,
      `watching ${this.watching.size}`,
    ];
  }
}

/** One connection. */
class Worker implements Session {
  readonly client: Client;
  readonly #queue: Queue;
  readonly #held = new Map<number, Job>();
  /** The bytes of a PUT whose line ending is still to come. */
  #unended: ByteString | undefined;
  #tooLarge = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(queue: Queue, client: Client) {
    this.#queue = queue;
    this.client = client;
  }

  line(text: ByteString | undefined): void {
    const reply = this.#unended === undefined ? this.#execute(text) : this.#endPut(this.#unended, text);
    if (reply.length > 0) this.client.reply(...reply);
  }

  data(bytes: ByteString): void {
    this.#unended = bytes;
  }

  closed(): void {
    clearTimeout(this.#timer);
    this.#queue.waiting.delete(this);
    this.#queue.watching.delete(this);
    const jobs = [...this.#held.values()];
    this.#held.clear();
    this.#queue.putBack(jobs);
    for (const job of jobs) this.#queue.tell("queued", job, this);
    this.#queue.handOut();
  }

  /** Takes the oldest job, if there is one, and goes on with the client's commands. */
  receive(): boolean {
    const job = this.#queue.take();
    if (job === undefined) return false;
    clearTimeout(this.#timer);
    this.#held.set(job.id, job);
    this.client.reply(`JOB ${job.id} ${job.bytes.length}`, job.bytes);
    this.#queue.tell("taken", job, this);
    this.client.proceed();
    return true;
  }

  #execute(text: ByteString | undefined): Reply {
    if (text === undefined) return error("line-too-long", `at most ${LONGEST_LINE} bytes`);
    const command = text.split(" ", 1)[0]!;
    const rest = text.slice(command.length);
    const usage = USAGE.get(command);
    if (usage === undefined) return error("unknown-command", `one of ${[...USAGE.keys()].join(" ")}`);
    if (!usage.pattern.test(rest)) return error("bad-arguments", `${command}${usage.words}`);
    const number = rest === "" ? undefined : Number(rest);
    switch (command) {
      case "PUT":
        return this.#put(number ?? 0);
      case "TAKE":
        return this.#take(number);
      case "DONE":
        return this.#done(number ?? 0);
      case "FAIL":
        return this.#fail(number ?? 0);
      case "WATCH":
        this.#queue.watching.add(this);
        return ["OK"];
      case "UNWATCH":
        this.#queue.watching.delete(this);
        return ["OK"];
      case "STATS":
        return [...this.#queue.stats(), "END"];
      default:
        this.client.reply("BYE");
        this.client.end();
        return [];
    }
  }

  #put(size: number): Reply {
    this.#tooLarge = size > LARGEST_JOB;
    this.client.expectData(size, !this.#tooLarge);
    return [];
  }

  #endPut(bytes: ByteString, rest: ByteString | undefined): Reply {
    this.#unended = undefined;
    if (this.#tooLarge) return error("too-large", `at most ${LARGEST_JOB} bytes`);
    if (rest !== "") return error("expected-line-ending", `after ${bytes.length} bytes`);
    const job = this.#queue.put(bytes);
    if (job === undefined) return error("full", "take some jobs first");
    this.#queue.tell("queued", job, this);
    this.#queue.handOut();
    return [`QUEUED ${job.id}`];
  }

  #take(wait: number | undefined): Reply {
    if (this.receive()) return [];
    if (wait === 0) return ["EMPTY"];
    this.#queue.waiting.add(this);
    this.client.hold();
    if (wait !== undefined) this.#timer = setTimeout(() => this.#giveUp(), wait);
    return [];
  }

  #giveUp(): void {
    this.#queue.waiting.delete(this);
    this.client.reply("EMPTY");
    this.client.proceed();
  }

  #done(id: number): Reply {
    const job = this.#held.get(id);
    if (job === undefined) return NOT_TAKEN;
    this.#held.delete(id);
    this.#queue.finish(job, "done");
    this.#queue.tell("done", job, this);
    return ["OK"];
  }

  #fail(id: number): Reply {
    const job = this.#held.get(id);
    if (job === undefined) return NOT_TAKEN;
    this.#held.delete(id);
    if (++job.failures === MOST_FAILURES) {
      this.#queue.finish(job, "dead");
      this.#queue.tell("dead", job, this);
      return [`DEAD ${id}`];
    }
    this.#queue.putBack([job]);
    this.#queue.tell("queued", job, this);
    this.#queue.handOut();
    return [`QUEUED ${id}`];
  }
}

interface Usage {
  /** For the error. */
  readonly words: string;
  /** Of what follows the command. */
  readonly pattern: RegExp;
}

const NO_WORDS: Usage = { words: "", pattern: /^$/ };
const ID: Usage = { words: " id", pattern: /^ \d{1,9}$/ };

const USAGE: ReadonlyMap<string, Usage> = new Map([
  ["PUT", { words: " size", pattern: /^ \d{1,9}$/ }],
  ["TAKE", { words: " [ms]", pattern: /^( \d{1,7})?$/ }],
  ["DONE", ID],
  ["FAIL", ID],
  ["WATCH", NO_WORDS],
  ["UNWATCH", NO_WORDS],
  ["STATS", NO_WORDS],
  ["QUIT", NO_WORDS],
]);

const error = (code: string, remedy: string): Reply => [`ERROR ${code} ${remedy}`];
const NOT_TAKEN: Reply = error("not-taken", "take a job before you settle it");
