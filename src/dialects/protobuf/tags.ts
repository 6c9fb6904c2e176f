/** Which request a reply answers, where both bear a tag. */

export interface TaggedRequest {
  /** Counted from 0 in the order the requests were sent. */
  readonly number: number;
  readonly tag: bigint;
  /** Whether the author left the tag out. */
  readonly isFilledIn: boolean;
  isAnswered: boolean;
}

export class Tags {
  /** The requests that await a reply, by their tags, the oldest first. */
  readonly #awaiting = new Map<bigint, TaggedRequest[]>();
  /** No lower tag from 1 on is free. */
  #lowestFree = 1n;
  /** How many requests were sent, and how many of them await a reply. */
  asked = 0;
  owed = 0;

  /** The tags of the requests that await a reply. */
  get open(): Iterable<bigint> {
    return this.#awaiting.keys();
  }

  awaits(tag: bigint): boolean {
    return this.#awaiting.has(tag);
  }

  /** Requests are sent with these tags; fills in those that are left out. */
  send(written: readonly (bigint | undefined)[]): readonly TaggedRequest[] {
    const first = this.asked;
    this.asked += written.length;
    // What the author wrote comes first: no tag filled in is one of those.
    const requests = written.map((tag, i) => (tag === undefined ? undefined : this.#await(first + i, tag, false)));
    return requests.map((request, i) => request ?? this.#await(first + i, this.#freeTag(), true));
  }

  #await(number: number, tag: bigint, isFilledIn: boolean): TaggedRequest {
    const request = { number, tag, isFilledIn, isAnswered: false };
    const sameTag = this.#awaiting.get(tag);
    if (sameTag) sameTag.push(request);
    else this.#awaiting.set(tag, [request]);
    this.owed++;
    return request;
  }

  /** The lowest tag from 1 on that no request awaits a reply with. */
  #freeTag(): bigint {
    while (this.#awaiting.has(this.#lowestFree)) this.#lowestFree++;
    return this.#lowestFree;
  }

  /** The request that a reply with this tag answers; undefined where there is none. */
  answer(tag: bigint): TaggedRequest | undefined {
    const sameTag = this.#awaiting.get(tag);
    const request = sameTag?.shift();
    if (!request) return undefined;
    if (sameTag?.length === 0) {
      this.#awaiting.delete(tag);
      if (tag > 0n && tag < this.#lowestFree) this.#lowestFree = tag;
    }
    this.owed--;
    request.isAnswered = true;
    return request;
  }
}
