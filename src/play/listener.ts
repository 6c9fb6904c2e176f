/** Who is told what happens on a connection, until it has heard enough. */
export interface Listener {
  readonly hasEnded: boolean;
  /** Takes bytes as they are; false: they are to be decoded, and told by `onActivity`. */
  takeRaw?(bytes: Uint8Array): boolean;
  /** No more bytes can be taken as they are. */
  endRaw?(): void;
  /** Something was decoded, or the connection ended. */
  onActivity(): void;
  /** The time is over. */
  onDeadline(): void;
  /** Nothing came for as long as was asked. */
  onSilence(): void;
}
