/** Decides when the exchanges of a play begin. */
export interface Gate {
  /** Asked before an exchange begins. False: not yet; asked again when the play is woken. */
  mayBegin(): boolean;
}
