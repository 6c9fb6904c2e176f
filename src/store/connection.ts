/**
 * One client. Requests are carried out in the order they come, and answered in it; only what may be long in coming (a
 * WAIT, a read of a revision that is yet to come) lets the others pass. The client is read no faster than it reads.
 */
import { setMaxListeners } from "node:events";
import type { Socket } from "node:net";
import type { Access, Rights } from "./access.ts";
import { Frames } from "./frames.ts";
import type { ConnectionLimits } from "./limits.ts";
import { type Replies, type Request, VERB } from "./message.ts";
import type { Client, Pending, Service } from "./service.ts";

/** What all connections of a server share. */
export interface Shared {
  readonly service: Service;
  readonly access: Access;
  readonly limits: ConnectionLimits;
  readonly request: Request;
  readonly replies: Replies;
  /** Aborted: the signal of a request that would stay open where too many are. */
  readonly tooManyOpen: AbortSignal;
}

/** Replies are handed over when there is this much of them, in bytes. */
const BATCH = 65_536;
/** What is read ahead of a client whose requests have to wait, in bytes. */
const MOST_AHEAD = 65_536;
/** How long one client's requests are carried out while others wait, in milliseconds; one request is not interrupted. */
const TURN_MS = 10;
/** How long a message that is too long is waited with for the bytes that tell its tag. */
const TAG_MS = 200;
/** What a client that has stopped sending may still wait for, and one that was hung up on may still send. */
const FAREWELL_MS = 1000;
/** When one that was hung up on has said nothing for so long, it is taken to have nothing more to say. */
const QUIET_MS = 50;

type Write = (replies: Replies) => void;

export class Connection implements Client {
  readonly rights: Rights;
  readonly #socket: Socket;
  readonly #shared: Shared;
  readonly #frames: Frames;
  readonly #controller = new AbortController();
  /** Replies to open requests that wait until the client reads. */
  readonly #late: Write[] = [];
  #open = 0;
  /** Whether a request is being carried out that the others have to wait for, or it is other clients' turn. */
  #isBusy = false;
  #hasEnded = false;
  #isOver = false;
  #isTimed = false;
  #isPaused = false;
  #farewell: NodeJS.Timeout | undefined;
  #tagTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, shared: Shared) {
    this.#socket = socket;
    this.#shared = shared;
    this.#frames = new Frames(shared.limits.maxMessage);
    this.rights = shared.access.begin();
    // One for each open request.
    setMaxListeners(0, this.#controller.signal);
    socket.on("data", (chunk: Buffer) => {
      if (this.#isOver) return;
      this.#frames.push(chunk);
      this.#proceed();
    });
    socket.on("drain", () => this.#proceed());
    socket.on("end", () => {
      this.#hasEnded = true;
      this.#proceed();
    });
    socket.on("timeout", () => this.#leave());
    // A reset is a way to leave like any other.
    socket.on("error", () => {});
    socket.once("close", () => this.#leave());
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get openSignal(): AbortSignal {
    return this.#open < this.#shared.limits.maxOpen ? this.#controller.signal : this.#shared.tooManyOpen;
  }

  /** Hangs up: what is written goes out, as long as the client reads it; nothing more is carried out. */
  end(): void {
    if (this.#isOver) return;
    this.#abandon();
    const socket = this.#socket;
    socket.setTimeout(this.#shared.limits.messageTimeout);
    // What it goes on sending does not count as reading.
    socket.pause();
    socket.once("finish", () => this.#linger());
    socket.end();
  }

  /** Takes what still comes, and looks at none of it: closed with something unread, the socket would recall its replies. */
  #linger(): void {
    const socket = this.#socket;
    if (this.#hasEnded) return void socket.destroy();
    socket.setTimeout(QUIET_MS);
    socket.resume();
    this.#farewell = setTimeout(() => socket.destroy(), FAREWELL_MS);
  }

  #leave(): void {
    this.#abandon();
    this.#socket.destroy();
  }

  #abandon(): void {
    this.#isOver = true;
    clearTimeout(this.#farewell);
    clearTimeout(this.#tagTimer);
    this.#late.length = 0;
    this.#controller.abort();
  }

  /** Goes on with all that can be done now. */
  #proceed(isUrgent = false): void {
    if (this.#isOver) return;
    const { replies } = this.#shared;
    while (this.#late.length > 0 && !this.#isHeldUp()) this.#late.shift()!(replies);
    const awaited = this.#serve(isUrgent || this.#hasEnded);
    this.#flush();
    if (awaited === "violation") this.end();
    if (this.#isOver) return;
    this.#regulate();
    if (awaited === "tag") this.#tagTimer ??= setTimeout(() => this.#stopWaitingForTag(), TAG_MS);
    if (this.#hasEnded && !this.#isBusy && !this.#socket.writableNeedDrain) this.#sayGoodbye();
  }

  /** @returns why no more is carried out. */
  #serve(isUrgent: boolean): "more" | "tag" | "violation" {
    const { service, request, replies, limits } = this.#shared;
    const frames = this.#frames;
    const end = performance.now() + TURN_MS;
    while (!this.#isBusy && !this.#isHeldUp()) {
      const frame = frames.next(isUrgent);
      if (frame === undefined) return "more";
      if (frame === "too-long-header") return "tag";
      if (frame === "too-long") {
        clearTimeout(this.#tagTimer);
        this.#tagTimer = undefined;
        const tag = request.readTag(frames.bytes, frames.start, frames.end);
        replies.error(tag, "OTHER", `message too long: the limit is ${limits.maxMessage} bytes`);
        continue;
      }
      if (frame === "violation" || !request.read(frames.bytes, frames.start, frames.end)) return "violation";
      const pending = service.serve(request, this, replies);
      if (pending !== undefined) this.#await(pending);
      // To look at the clock takes a third as long as any other request.
      const mayBeLong = request.verb === VERB.WALK || request.verb === VERB.WAIT;
      if (mayBeLong && frames.size > 0 && !this.#isBusy && performance.now() > end) this.#letOthers();
    }
    return "more";
  }

  /** Goes on when what came from other clients meanwhile is carried out. */
  #letOthers(): void {
    this.#isBusy = true;
    setImmediate(() => {
      this.#isBusy = false;
      this.#proceed();
    });
  }

  #await({ reply, isOpen }: Pending): void {
    if (isOpen) this.#open++;
    else this.#isBusy = true;
    reply.then(
      (write) => {
        if (isOpen) this.#open--;
        else this.#isBusy = false;
        if (this.#isOver) return;
        if (isOpen) this.#late.push(write);
        else write(this.#shared.replies);
        this.#proceed();
      },
      (error: unknown) => {
        if (!this.#isOver) throw error;
      },
    );
  }

  /** Whether the client has to read first. */
  #isHeldUp(): boolean {
    if (this.#shared.replies.size >= BATCH) this.#flush();
    return this.#socket.writableNeedDrain;
  }

  #flush(): void {
    const { replies } = this.#shared;
    if (replies.size > 0) this.#socket.write(replies.take());
  }

  /** Reads no further ahead than it has to; and watches over a message that does not end. */
  #regulate(): void {
    const isHeldUp = this.#isBusy || this.#socket.writableNeedDrain;
    const isPaused = isHeldUp && this.#frames.size > MOST_AHEAD;
    if (isPaused !== this.#isPaused) {
      this.#isPaused = isPaused;
      if (isPaused) this.#socket.pause();
      else this.#socket.resume();
    }
    const isTimed = !isHeldUp && this.#frames.isInside;
    if (isTimed !== this.#isTimed) {
      this.#isTimed = isTimed;
      this.#socket.setTimeout(isTimed ? this.#shared.limits.messageTimeout : 0);
    }
  }

  #stopWaitingForTag(): void {
    this.#tagTimer = undefined;
    this.#proceed(true);
  }

  /** The client sends no more: what can be answered soon is, then the connection ends. */
  #sayGoodbye(): void {
    if (this.#open === 0 && this.#late.length === 0) this.end();
    else this.#farewell ??= setTimeout(() => this.end(), FAREWELL_MS);
  }
}
