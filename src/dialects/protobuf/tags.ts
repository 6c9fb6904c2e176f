/** Which request a reply answers, where both bear a tag. */

export interface TaggedRequest {
  /** Counted from 0 in the order the requests were sent. */
  readonly number: number;
  /** Undefined in a request that came without one: its reply has none either. */
  readonly tag: bigint | undefined;
  /** Whether the author left the tag out, or would leave it out. */
  readonly isFilledIn: boolean;
}

export class Tags {
  /** The requests that await a reply, by their tags, the oldest first. */
  readonly #awaiting = new Map<bigint | undefined, TaggedRequest[]>();
  /** The same requests by their numbers, in order. */
  readonly #byNumber = new Map<number, TaggedRequest>();
  /** No lower tag from 1 on is free. */
  #lowestFree = 1n;
  /** How many requests were sent. */
  asked = 0;

  /** How many requests await a reply. */
  get owed(): number {
    return this.#byNumber.size;
  }

  /** The tags of the requests that await a reply. */
  get open(): Iterable<bigint> {
    return [...this.#awaiting.keys()].filter((tag) => tag !== undefined);
  }

  awaits(tag: bigint | undefined): boolean {
    return this.#awaiting.has(tag);
  }

  /** The oldest request that awaits a reply, of those from a number on; else the oldest of all. */
  oldest(from: number): TaggedRequest | undefined {
    const named = this.#byNumber.get(from);
    if (named) return named;
    for (const request of this.#byNumber.values()) if (request.number > from) return request;
    return this.#byNumber.values().next().value;
  }

  /** Requests are sent with these tags; fills in those that are left out. */
  send(written: readonly (bigint | undefined)[]): readonly TaggedRequest[] {
    const first = this.asked;
    this.asked += written.length;
    // What the author wrote comes first: no tag filled in is one of those.
    const some = written.map((tag, i) => (tag === undefined ? undefined : this.#await(first + i, tag, false)));
    const requests = some.map((request, i) => request ?? this.#await(first + i, this.#freeTag(), true));
    for (const request of requests) this.#byNumber.set(request.number, request);
    return requests;
  }

  /** A request has come with this tag. A line need not show it if {@link send} would fill it in. */
  receive(tag: bigint | undefined): TaggedRequest {
    const request = this.#await(this.asked++, tag, tag === undefined || tag === this.#freeTag());
    this.#byNumber.set(request.number, request);
    return request;
  }

  #await(number: number, tag: bigint | undefined, isFilledIn: boolean): TaggedRequest {
    const request = { number, tag, isFilledIn };
    const sameTag = this.#awaiting.get(tag);
    if (sameTag) sameTag.push(request);
    else this.#awaiting.set(tag, [request]);
    return request;
  }

  /** The lowest tag from 1 on that no request awaits a reply with. */
  #freeTag(): bigint {
    while (this.#awaiting.has(this.#lowestFree)) this.#lowestFree++;
    return this.#lowestFree;
  }

  /** The request that a reply with this tag answers; undefined where there is none. */
  answer(tag: bigint | undefined): TaggedRequest | undefined {
    const sameTag = this.#awaiting.get(tag);
    const request = sameTag?.shift();
    if (!request) return undefined;
    if (sameTag?.length === 0) {
      this.#awaiting.delete(tag);
      if (tag !== undefined && tag > 0n && tag < this.#lowestFree) this.#lowestFree = tag;
    }
    this.#byNumber.delete(request.number);
    return request;
  }
}
