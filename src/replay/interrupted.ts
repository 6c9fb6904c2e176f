/** The run was interrupted: what was going on is not reported. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}
