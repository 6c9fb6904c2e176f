/** How the bytes of a client are cut up before they are written to the socket (`--segment`). */
export type Segment =
  | { readonly kind: "whole" | "lines" | "bytes" }
  | {
      readonly kind: "random";
      /** The same seed cuts the same bytes at the same places. */
      readonly seed: number;
    };

const LARGEST_SEED = 0xffff_ffff;

/** Reads `whole`, `lines`, `bytes`, `random` or `random:SEED`; undefined where the text is none of them. */
export function readSegment(text: string): Segment | undefined {
  if (text === "whole" || text === "lines" || text === "bytes") return { kind: text };
  if (text === "random") return { kind: "random", seed: Math.floor(Math.random() * LARGEST_SEED) };
  const seed = /^random:(\d{1,10})$/.exec(text)?.[1];
  return seed === undefined || Number(seed) > LARGEST_SEED ? undefined : { kind: "random", seed: Number(seed) };
}

/** As the command line has it. */
export const writeSegment = (segment: Segment): string =>
  segment.kind === "random" ? `random:${segment.seed}` : segment.kind;
