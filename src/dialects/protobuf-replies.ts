/**
 * Which reply belongs to which exchange, where tags tell the request of each: an exchange gets the replies to its own
 * requests, in their order, and then those to requests left open before, oldest first, as far as it has lines for them.
 * What is not due is kept.
 */
import type { ByteString } from "../base/bytes.ts";
import type { LinePattern } from "../match/pattern.ts";

interface OpenRequest {
  readonly tag: bigint;
  readonly isFilledIn: boolean;
  readonly exchange: number;
  /** What came for it and was not due yet. */
  reply: ByteString | undefined;
}

/** How many lines an exchange has for replies: no end of them behind `...`, ` (?)` and ` (*)`. */
const linesFor = (expects: readonly LinePattern[]): number =>
  expects.some(({ body, repeat }) => body.kind === "ellipsis" || repeat !== "once")
    ? Number.POSITIVE_INFINITY
    : expects.length;

export class Replies {
  /** In the order they were sent. */
  readonly #open = new Set<OpenRequest>();
  /** Those that await a reply, by their tags, the oldest first. */
  readonly #awaiting = new Map<bigint, OpenRequest[]>();
  #exchange = 0;
  /** Of the present exchange: its own requests whose replies are due, and lines that are left for older ones. */
  #own: OpenRequest[] = [];
  #linesLeft = 0;
  /** No lower tag from 1 on is free. */
  #lowestFree = 1n;

  /** How many requests await a reply. */
  owed = 0;

  /** How many replies came that are not due yet. */
  get kept(): number {
    return this.#open.size - this.owed;
  }

  /** The tags of the requests that await a reply. */
  get tags(): Iterable<bigint> {
    return this.#awaiting.keys();
  }

  /** Of the requests that the present exchange has a line for each, the tag of the first that is not answered. */
  get unanswered(): bigint | undefined {
    const isOpenEnded = this.#linesLeft === Number.POSITIVE_INFINITY;
    return isOpenEnded ? undefined : this.#own.find(({ reply }) => reply === undefined)?.tag;
  }

  awaits(tag: bigint): boolean {
    return this.#awaiting.has(tag);
  }

  /** Begins an exchange that sends requests with these tags, and fills in those that are left out. */
  begin(written: readonly (bigint | undefined)[], expects: readonly LinePattern[]): readonly bigint[] {
    const exchange = ++this.#exchange;
    const lines = linesFor(expects);
    // What the author wrote comes first: no tag filled in is one of those.
    const requests = written.map((tag): OpenRequest | undefined =>
      tag === undefined ? undefined : this.#await({ tag, isFilledIn: false, exchange, reply: undefined }),
    );
    const sent = requests.map(
      (request) => request ?? this.#await({ tag: this.#freeTag(), isFilledIn: true, exchange, reply: undefined }),
    );
    for (const request of sent) this.#open.add(request);
    this.#own = sent.slice(0, lines);
    this.#linesLeft = lines - this.#own.length;
    return sent.map(({ tag }) => tag);
  }

  #await(request: OpenRequest): OpenRequest {
    const sameTag = this.#awaiting.get(request.tag);
    if (sameTag) sameTag.push(request);
    else this.#awaiting.set(request.tag, [request]);
    this.owed++;
    return request;
  }

  /** The lowest tag from 1 on that no request awaits a reply with. */
  #freeTag(): bigint {
    while (this.#awaiting.has(this.#lowestFree)) this.#lowestFree++;
    return this.#lowestFree;
  }

  /** The request that a tag belongs to, for which the reply then has to be set; undefined where there is none. */
  answer(tag: bigint): OpenRequest | undefined {
    const sameTag = this.#awaiting.get(tag);
    const request = sameTag?.shift();
    if (!request) return undefined;
    if (sameTag?.length === 0) {
      this.#awaiting.delete(tag);
      if (tag > 0n && tag < this.#lowestFree) this.#lowestFree = tag;
    }
    this.owed--;
    return request;
  }

  /** Takes what is due by now. */
  takeDue(): readonly ByteString[] {
    const due: ByteString[] = [];
    while (this.#own[0]?.reply !== undefined) due.push(this.#take(this.#own.shift()!));
    if (this.#own.length > 0) return due;
    for (const request of this.#open) {
      if (this.#linesLeft === 0 || request.exchange === this.#exchange || request.reply === undefined) break;
      this.#linesLeft--;
      due.push(this.#take(request));
    }
    return due;
  }

  /** Takes everything that is kept, the replies to the oldest requests first. */
  takeAll(): readonly ByteString[] {
    const due: ByteString[] = [];
    for (const request of this.#open) if (request.reply !== undefined) due.push(this.#take(request));
    this.#own = this.#own.filter((request) => this.#open.has(request));
    return due;
  }

  #take(request: OpenRequest): ByteString {
    this.#open.delete(request);
    return request.reply ?? "";
  }
}
