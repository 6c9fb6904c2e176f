const UNITS = { ms: 1, s: 1000, m: 60_000 } as const;
/** The longest duration, in milliseconds: the limit of Node's timers (2^31 - 1). */
const LONGEST = 2_147_483_647;

/** Milliseconds of `500ms`, `2s`, `1.5s` or `1m`; undefined for any other text. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
  if (!match) return undefined;
  const ms = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  return ms <= LONGEST ? ms : undefined;
}

/** A duration as a person would write it: `350ms`, `2s`, `1.5s`, `2m`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return `${Number((ms / 1000).toFixed(ms < 10_000 ? 2 : 1))}s`;
}
