/** Where bytes are cut for `--segment`. The places depend on the bytes and the seed alone, so each failure can be repeated. */
import { type Segment, writeSegment } from "../plan/segment.ts";

const LF = 10;
/** Random cuts divide bytes into this many pieces at most. */
const MOST_RANDOM_PIECES = 8;

/** The places of the cuts, in order: how many bytes come before each. */
export function cutsOf(bytes: Uint8Array, segment: Segment): readonly number[] {
  switch (segment.kind) {
    case "whole":
      return [];
    case "bytes":
      return Array.from({ length: Math.max(0, bytes.length - 1) }, (_, i) => i + 1);
    case "lines":
      return lineEnds(bytes);
    case "random":
      return randomCuts(bytes, segment.seed);
  }
}

/** Says in a report how a request was cut; undefined where it was not. */
export function describeCuts(cuts: readonly number[], segment: Segment): string | undefined {
  if (cuts.length === 0) return undefined;
  const option = `(--segment ${writeSegment(segment)})`;
  if (segment.kind === "bytes") return `sent byte by byte ${option}`;
  if (segment.kind === "lines") return `sent line by line ${option}`;
  return `sent in ${cuts.length + 1} pieces, cut after ${cuts.length === 1 ? "byte" : "bytes"} ${cuts.join(", ")} ${option}`;
}

function lineEnds(bytes: Uint8Array): readonly number[] {
  const ends: number[] = [];
  for (let at = bytes.indexOf(LF); at >= 0 && at < bytes.length - 1; at = bytes.indexOf(LF, at + 1)) ends.push(at + 1);
  return ends;
}

function randomCuts(bytes: Uint8Array, seed: number): readonly number[] {
  if (bytes.length < 2) return [];
  const random = randomNumbers(hash(bytes, seed));
  const count = 1 + random(Math.min(MOST_RANDOM_PIECES, bytes.length) - 1);
  const cuts = new Set(Array.from({ length: count }, () => 1 + random(bytes.length - 1)));
  return [...cuts].sort((a, b) => a - b);
}

/** FNV-1a with 32 bits. */
function hash(bytes: Uint8Array, seed: number): number {
  let value = 0x811c9dc5 ^ seed;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
  return value;
}

/** Mulberry32. Each call gives a whole number below the given one. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}
