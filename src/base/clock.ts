/** Milliseconds of a clock that only goes forward. `performance` is the same clock, and loads ten modules of Node. */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
