/** One watch on all of etcd's keys, as changes. */
import type { Change } from "../engine.ts";
import { createGrouper } from "./changes.ts";
import type { EtcdClient } from "./client.ts";
import { CallError } from "./errors.ts";
import { decodeWatch, encodeWatch } from "./messages.ts";

export interface WatchOptions {
  readonly client: EtcdClient;
  /** The first revision to tell; 0: the one after the present. */
  readonly from: number;
  /** The watch stands; the revision that the member was at. */
  readonly created?: (revision: number) => void;
  /** The next changes; whole revisions, in order. True ends the watch. */
  readonly take: (changes: readonly Change[]) => boolean;
  readonly signal: AbortSignal;
}

/** How a watch ended: by `take`, or because its beginning has been compacted up to a revision. */
export type WatchEnd = { readonly kind: "taken" } | { readonly kind: "compacted"; readonly revision: number };

/** @throws {CallError} when the stream ends otherwise, or the signal's reason */
export async function watch({ client, from, created, take, signal }: WatchOptions): Promise<WatchEnd> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const group = createGrouper();
    let cancel = (): void => {};
    let isSettled = false;
    const settle = (outcome: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      signal.removeEventListener("abort", abort);
      outcome();
      cancel();
    };
    const abort = (): void => settle(() => reject(signal.reason));
    signal.addEventListener("abort", abort, { once: true });
    const receive = (message: Uint8Array): void => {
      const result = decodeWatch(message);
      if (isSettled) return;
      if (result.canceled) {
        const { compacted, reason } = result;
        settle(() =>
          compacted > 0
            ? resolve({ kind: "compacted", revision: compacted })
            : reject(new CallError(`etcd ended a watch: ${reason || "no reason given"}`, { sent: true })),
        );
      } else if (result.created) {
        created?.(result.revision);
      } else {
        const changes = group(result.events, !result.fragment);
        if (changes.length > 0 && take(changes)) settle(() => resolve({ kind: "taken" }));
      }
    };
    const fail = (error: unknown): void => settle(() => reject(error));
    client.stream("Watch/Watch", encodeWatch(from), receive).then((streaming) => {
      cancel = () => streaming.cancel();
      if (isSettled) cancel();
      streaming.ended.then(() => fail(new CallError("etcd ended a watch", { sent: true })), fail);
    }, fail);
  });
}
