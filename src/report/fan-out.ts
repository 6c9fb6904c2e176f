/**
 * Passes the events of one run to several reporters. The next event is taken from the run when every reporter has asked for
 * it, so a slow reporter slows the run down and nothing piles up.
 *
 * If a reporter stops early or fails, the others continue. When all have ended, the source is closed.
 * @throws the error of the source, else that of the first reporter that failed.
 */
export async function fanOut<T>(
  source: AsyncIterable<T>,
  consumers: readonly ((events: AsyncIterable<T>) => Promise<void>)[],
): Promise<void> {
  const [only, another] = consumers;
  if (only && !another) return only(source);
  const iterator = source[Symbol.asyncIterator]();
  let readers = consumers.length;
  let waiting: ((next: Promise<IteratorResult<T>>) => void)[] = [];
  const advance = (): void => {
    if (waiting.length === 0 || waiting.length < readers) return;
    const served = waiting;
    waiting = [];
    const next = iterator.next();
    for (const serve of served) serve(next);
  };
  const feed = async (consume: (events: AsyncIterable<T>) => Promise<void>): Promise<void> => {
    let reads = true;
    const leave = (): void => {
      if (reads) readers--;
      reads = false;
      advance();
    };
    const branch: AsyncIterator<T, undefined> = {
      next: () =>
        new Promise((resolve) => {
          waiting.push(resolve);
          advance();
        }),
      return: async () => {
        leave();
        return { done: true, value: undefined };
      },
    };
    try {
      await consume({ [Symbol.asyncIterator]: () => branch });
    } finally {
      leave();
    }
  };
  const outcomes = await Promise.allSettled(consumers.map(feed));
  await iterator.return?.();
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}
