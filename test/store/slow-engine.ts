import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../src/store/engine.ts";

/** An engine that takes its time for everything, as one does that has to ask other machines. */
export function slowEngine(engine: Engine, delay: () => number = () => 1 + Math.random() * 4): Engine {
  const later = async <T>(answer: () => T | Promise<T>): Promise<T> => {
    await sleep(delay());
    return answer();
  };
  return {
    revision: () => later(() => engine.revision()),
    get: (...request) => later(() => engine.get(...request)),
    stat: (...request) => later(() => engine.stat(...request)),
    entry: (...request) => later(() => engine.entry(...request)),
    walk: (...request) => later(() => engine.walk(...request)),
    set: (...request) => later(() => engine.set(...request)),
    del: (...request) => later(() => engine.del(...request)),
    nop: () => later(() => engine.nop()),
    wait: (...request) => later(() => engine.wait(...request)),
    close: () => engine.close(),
  };
}
