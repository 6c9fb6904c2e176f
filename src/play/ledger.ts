/**
 * Which exchange a reply belongs to, in a dialect that owes one reply to each request (format guide, section 5): the
 * replies to an exchange's own client lines are due first, in their order, and then those that earlier exchanges left
 * open, the oldest first. Requests are numbered from 0 on in the order they were sent.
 */
import type { Request } from "../dialects/codec.ts";

interface Unanswered<Sender> {
  readonly request: Request;
  readonly sender: Sender;
}

const NO_REQUESTS: readonly Request[] = [];

export class Ledger<Sender> {
  /** Requests of the present exchange, and how many of them have their reply. */
  #own: readonly Request[] = NO_REQUESTS;
  #answered = 0;
  #sender: Sender | undefined;
  /** Earlier requests that no exchange has taken the reply to, the oldest first. */
  #open: Unanswered<Sender>[] = [];
  /** Numbers of requests whose replies are dropped. */
  readonly #dropped = new Set<number>();
  /** One more than the highest number of a request that an exchange owns. */
  #end = 0;
  /** How many exchanges were sent ahead of their turn, and one more than the highest number of their requests. */
  #ahead = 0;
  #aheadEnd = 0;
  /** The request whose reply was taken in part. */
  #begun: number | undefined;
  /** Whether a reply is being read. If not, only this is due: what answers no request, and the rest of a reply that was begun. */
  isRead = false;
  /** Whether the reader also takes replies to earlier requests. */
  takesOlder = true;

  /** An exchange begins that sends these requests. */
  sent(requests: readonly Request[], sender: Sender): void {
    if (this.#answered < this.#own.length) this.#leaveOpen();
    this.#own = requests;
    this.#answered = 0;
    this.#sender = sender;
    this.takesOlder = true;
    const last = requests[requests.length - 1];
    if (last) this.#end = Math.max(this.#end, last.id + 1);
  }

  /** An exchange sends requests ahead of its turn: their replies are not due before. */
  sentAhead(requests: readonly Request[]): void {
    this.#ahead++;
    const last = requests[requests.length - 1];
    if (last) this.#aheadEnd = last.id + 1;
  }

  /** It is the turn of an exchange that was sent ahead. */
  turn(requests: readonly Request[], sender: Sender): void {
    this.#ahead--;
    this.sent(requests, sender);
  }

  /** Whether an exchange was sent ahead, and its turn is still to come. */
  get isAhead(): boolean {
    return this.#ahead > 0;
  }

  /** Requests whose replies are dropped. */
  sentUnseen(requests: readonly Request[]): void {
    for (const { id } of requests) {
      this.#dropped.add(id);
      this.#end = id + 1;
    }
  }

  #leaveOpen(): void {
    for (const request of this.#own.slice(this.#answered)) this.#open.push({ request, sender: this.#sender as Sender });
    this.#answered = this.#own.length;
  }

  /** Whether a reply is awaited: to a request of the present exchange, or to an earlier one. */
  get awaitsReply(): boolean {
    return !this.isOwnIn || this.#open.length > 0;
  }

  /** Whether the replies to all requests of the present exchange were taken. */
  get isOwnIn(): boolean {
    return this.#answered === this.#own.length;
  }

  /** Whether nothing comes before the replies to the present exchange, and what comes after them is known to be another's. */
  get awaitsOnlyOwn(): boolean {
    return this.#open.length === 0 && this.#dropped.size === 0 && (!this.isAhead || this.#own.length <= 1);
  }

  /** The request of the present exchange that awaits the next reply, where that is one of the first `count`. */
  ownOpen(count: number): Request | undefined {
    return this.#answered < count ? this.#own[this.#answered] : undefined;
  }

  isDue(request: number): boolean {
    if (request === this.#begun && (!this.isRead || this.isOwnIn)) return true;
    if (!this.isRead) return false;
    // A request that is continued in a later exchange has no owner yet.
    if (request >= this.#end) return request >= this.#aheadEnd;
    if (!this.isOwnIn) return request === this.#own[this.#answered]!.id;
    return this.takesOlder && this.#open[0]?.request.id === request;
  }

  /** A part of a reply was taken; `last`: its end. */
  took(request: number, last: boolean): void {
    this.#begun = last ? undefined : request;
    if (!last) return;
    if (request === this.#own[this.#answered]?.id) this.#answered++;
    else if (this.#open.length > 0) this.#open = this.#open.filter((open) => open.request.id !== request);
  }

  /** The replies to all requests of the present exchange were taken at once. */
  tookOwn(): void {
    this.#answered = this.#own.length;
  }

  /** Who sent a request whose reply was not taken. */
  senderOf(request: number): Sender | undefined {
    return this.#open.find((open) => open.request.id === request)?.sender ?? this.#sender;
  }

  /** The replies to requests of these senders are dropped. */
  drop(isDropped: (sender: Sender) => boolean): void {
    this.#leaveOpen();
    for (const { request, sender } of this.#open) if (isDropped(sender)) this.#dropped.add(request.id);
    this.#open = this.#open.filter(({ request }) => !this.#dropped.has(request.id));
  }

  /** Whether a reply is dropped; `last`: it ends, so its number can be forgotten. */
  isDropped(request: number, last: boolean): boolean {
    if (this.#dropped.size === 0) return false;
    return last ? this.#dropped.delete(request) : this.#dropped.has(request);
  }
}
