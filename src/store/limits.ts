/** What one connection may have of the server. */
export interface ConnectionLimits {
  /** The longest message, in bytes. */
  readonly maxMessage: number;
  /** How many requests may be open at a time: WAITs, and reads of revisions that are yet to come. */
  readonly maxOpen: number;
  /** The longest silence in the middle of a message, in milliseconds. */
  readonly messageTimeout: number;
}

export interface StoreLimits extends ConnectionLimits {
  readonly maxConnections: number;
}

export const DEFAULT_LIMITS: StoreLimits = {
  maxMessage: 2 ** 20,
  maxOpen: 1000,
  messageTimeout: 30_000,
  maxConnections: 10_000,
};

/** Revisions that stay readable; the real server's number. */
export const DEFAULT_HISTORY = 2000;
