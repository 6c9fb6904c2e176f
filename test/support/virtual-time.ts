import { vi } from "vitest";

/**
 * Runs something with a clock of its own (base/clock.ts, timers): time passes only while nothing else can happen, and then
 * jumps to the next timer. So what takes long on a busy machine takes no longer on this clock. `isBusy` tells whether
 * something is due in the next turn of the event loop, which stays the real one.
 */
export async function inVirtualTime<T>(run: () => Promise<T>, isBusy: () => boolean): Promise<T> {
  const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "hrtime"] });
  try {
    let isOver = false;
    const result = run().finally(() => {
      isOver = true;
    });
    // It is awaited below; a failure meanwhile is not unhandled.
    result.catch(() => {});
    while (!isOver) {
      await nextTurn();
      if (!isOver && !isBusy()) vi.advanceTimersToNextTimer();
    }
    return await result;
  } finally {
    vi.useRealTimers();
  }
}
