/**
 * Which exchange a reply belongs to, in a dialect that owes one reply to each request (format guide, section 5): the
 * replies to an exchange's own client lines are due first, in their order, and then those that earlier exchanges left
 * open, the oldest first. Requests are numbered from 0 on in the order they were sent.
 */
export interface OpenRequest<Sender> {
  readonly request: number;
  readonly sender: Sender;
}

export class Ledger<Sender> {
  /** Requests of the present exchange: the first one that still awaits its reply, and the one after the last. */
  #next = 0;
  #end = 0;
  #sender: Sender | undefined;
  /** Earlier requests that no exchange has taken the reply to, the oldest first. */
  #open: OpenRequest<Sender>[] = [];
  /** Requests whose replies nobody is to see. */
  readonly #dropped = new Set<number>();
  /** The request whose reply was taken in part. */
  #begun: number | undefined;
  /** Whether somebody reads: else only what answers no request is due, and the rest of a reply that was taken in part. */
  isRead = false;
  /** Whether the reader also takes replies to earlier requests. */
  takesOlder = true;

  /** An exchange begins that sends the requests from `from` up to `end`. */
  begin(from: number, end: number, sender: Sender): void {
    if (this.#next < this.#end) this.#leaveOpen();
    this.#next = from;
    this.#end = end;
    this.#sender = sender;
    this.takesOlder = true;
  }

  #leaveOpen(): void {
    for (let request = this.#next; request < this.#end; request++)
      this.#open.push({ request, sender: this.#sender as Sender });
  }

  /** Whether a reply is awaited: to a request of the present exchange, or to an earlier one. */
  get awaitsReply(): boolean {
    return this.#next < this.#end || this.#open.length > 0;
  }

  /** Whether the replies to all requests of the present exchange were taken. */
  get isOwnIn(): boolean {
    return this.#next === this.#end;
  }

  isDue(request: number): boolean {
    if (request === this.#begun && (!this.isRead || this.isOwnIn)) return true;
    if (!this.isRead) return false;
    // A request that goes on in a later exchange has no owner yet.
    if (request >= this.#end) return true;
    if (this.#next < this.#end) return request === this.#next;
    return this.takesOlder && this.#open[0]?.request === request;
  }

  /** A part of a reply was taken; `last`: its end. */
  took(request: number, last: boolean): void {
    this.#begun = last ? undefined : request;
    if (!last) return;
    if (request === this.#next && request < this.#end) this.#next++;
    else if (this.#open.length > 0) this.#open = this.#open.filter((open) => open.request !== request);
  }

  /** Who sent a request whose reply nobody has taken. */
  senderOf(request: number): Sender | undefined {
    return this.#open.find((open) => open.request === request)?.sender ?? this.#sender;
  }

  /** Nobody is to see the replies to requests of these senders. */
  drop(isDropped: (sender: Sender) => boolean): void {
    this.#leaveOpen();
    this.#next = this.#end;
    for (const { request, sender } of this.#open) if (isDropped(sender)) this.#dropped.add(request);
    this.#open = this.#open.filter(({ request }) => !this.#dropped.has(request));
  }

  /** Whether nobody is to see a reply; `last`: it ends, so it can be forgotten. */
  isDropped(request: number, last: boolean): boolean {
    if (this.#dropped.size === 0) return false;
    return last ? this.#dropped.delete(request) : this.#dropped.has(request);
  }
}
