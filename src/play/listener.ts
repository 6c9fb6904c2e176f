/** Is told what happens on a connection, until it has ended. */
export interface Listener {
  readonly hasEnded: boolean;
  /** Takes bytes before they are decoded. False: decode them, then call `onActivity`. */
  takeRaw?(bytes: Uint8Array): boolean;
  /** The connection ends: no more bytes come. */
  endRaw?(): void;
  /** Something was decoded, or the connection ended. */
  onActivity(): void;
  /** The time is over. */
  onDeadline(): void;
  /** Nothing came for as long as was asked. */
  onSilence(): void;
}
