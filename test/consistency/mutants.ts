/** Engines that break one rule each, now and then: what the judge has to find. */

import { setTimeout as delay } from "node:timers/promises";
import { type Answer, type Engine, EngineError, type File } from "../../src/store/engine.ts";

/** An engine of which some methods are others. */
function change(engine: Engine, methods: Partial<Engine>): Engine {
  return new Proxy(engine, {
    get(_, name: keyof Engine) {
      return methods[name] ?? engine[name].bind(engine);
    },
  });
}

/** True once in so many calls. */
function every(count: number): () => boolean {
  let calls = 0;
  return () => ++calls % count === 0;
}

const CLOBBER = -1;
const never = new AbortController().signal;

export const comparesNothing = (engine: Engine): Engine => {
  const isNow = every(3);
  return change(engine, {
    set: (path, value, revision) => engine.set(path, value, isNow() ? CLOBBER : revision),
  });
};

export const createsWhatIsThere = (engine: Engine): Engine => {
  return change(engine, {
    set: (path, value, revision) => engine.set(path, value, revision === 0 ? CLOBBER : revision),
  });
};

/** A cache in front of the engine that is asked now and then, and not told of writes. */
export const readsStale = (engine: Engine): Engine => {
  const isNow = every(4);
  const cache = new Map<string, File>();
  return change(engine, {
    async get(path, at, signal) {
      const cached = cache.get(path);
      if (cached && isNow()) return cached;
      const found = await engine.get(path, at, signal);
      if (typeof found !== "string") cache.set(path, found);
      return found;
    },
  });
};

/** The present revision, with the value before it. */
export const readsTorn = (engine: Engine): Engine => {
  const isNow = every(4);
  const values = new Map<string, Uint8Array>();
  return change(engine, {
    async get(path, at, signal) {
      const found = await engine.get(path, at, signal);
      if (typeof found === "string" || found.revision === 0) return found;
      const value = values.get(path) ?? found.value;
      values.set(path, found.value);
      return isNow() ? { ...found, value } : found;
    },
  });
};

export const tellsAnOldRevision = (engine: Engine): Engine => {
  let cached: number | undefined;
  return change(engine, {
    async revision() {
      const present = await engine.revision();
      const told = cached ?? present;
      cached = cached === undefined ? present : undefined;
      return told;
    },
  });
};

/** A write that uses up its revision, but is not kept. */
export const losesWrites = (engine: Engine): Engine => {
  const isNow = every(5);
  return change(engine, {
    async set(path, value, revision) {
      const found = await engine.get(path, undefined, never);
      const isRefused = typeof found === "string" || (revision !== CLOBBER && revision < found.revision);
      return !isRefused && isNow() ? engine.nop() : engine.set(path, value, revision);
    },
  });
};

/** The answer to a write was lost, and it is tried again without comparing. */
export const retriesUnknown = (engine: Engine): Engine => {
  const isNow = every(5);
  return change(engine, {
    async set(path, value, revision) {
      const first = await engine.set(path, value, revision);
      if (typeof first !== "number" || !isNow()) return first;
      await delay(2);
      return engine.set(path, value, CLOBBER);
    },
  });
};

/** The answer to a write was lost, it is tried again, and what the second try is told is believed. */
export const refusesWhatItWrote = (engine: Engine): Engine => {
  const isNow = every(5);
  return change(engine, {
    async set(path, value, revision) {
      const first = await engine.set(path, value, revision);
      return typeof first === "number" && isNow() ? engine.set(path, value, revision) : first;
    },
  });
};

export const repeatsRevisions = (engine: Engine): Engine => {
  const isNow = every(5);
  let last = 1;
  return change(engine, {
    async set(path, value, revision) {
      const result = await engine.set(path, value, revision);
      if (typeof result !== "number") return result;
      if (!isNow()) last = result;
      return last;
    },
  });
};

export const losesRemovals = (engine: Engine): Engine => {
  const isNow = every(5);
  return change(engine, { del: (path, revision) => (isNow() ? engine.nop() : engine.del(path, revision)) });
};

/** Where there are several changes to tell of, the first one is left out. */
export const skipsChanges = (engine: Engine): Engine => {
  const isNow = every(5);
  return change(engine, {
    async wait(glob, from, signal) {
      const first = await engine.wait(glob, from, signal);
      if (typeof first === "string" || !isNow()) return first;
      const only = new AbortController();
      const next = engine.wait(glob, first.revision + 1, only.signal);
      if (!(next instanceof Promise)) return next;
      next.catch(() => {});
      only.abort();
      return first;
    },
  });
};

export const repeatsChanges = (engine: Engine): Engine => {
  const isNow = every(5);
  return change(engine, {
    wait: (glob, from, signal) => engine.wait(glob, isNow() && from > 1 ? from - 1 : from, signal),
  });
};

/** Says that nothing was done, where the answer to a write was lost. */
export const deniesWhatItWrote = (engine: Engine): Engine => {
  const isNow = every(5);
  return change(engine, {
    async set(path, value, revision) {
      const result = await engine.set(path, value, revision);
      if (isNow()) throw new EngineError("there was no answer");
      return result;
    },
  });
};

/** No mutant: an engine that loses answers, before or after the write, and says so. */
export const losesAnswers = (engine: Engine): Engine => {
  const [isNow, isBefore] = [every(4), every(2)];
  const lose = async <T>(write: () => Answer<T>): Promise<T> => {
    if (!isNow()) return write();
    if (!isBefore()) write();
    throw new EngineError("the answer was lost", true);
  };
  return change(engine, {
    set: (path, value, revision) => lose(() => engine.set(path, value, revision)),
    del: (path, revision) => lose(() => engine.del(path, revision)),
  });
};
