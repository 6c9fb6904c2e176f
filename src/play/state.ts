/** The states that a connection is in (see `Conversation`). */
import type { Matcher } from "../match/matcher.ts";
import type { Listener } from "./listener.ts";

/**
 * The state of a connection. `listening`: a reply or a close is awaited; `open`: the last reply matched and may go on, so
 * what fits still belongs to it; `settled`: what comes is too much, and fails the last user; `excused`: an exchange was
 * skipped, so what comes may have been its reply and fails nobody.
 */
export type State = { readonly kind: "listening"; readonly listener: Listener; readonly resting: Resting } | Resting;

/** The states without a listener. */
export type Resting =
  | { readonly kind: "open"; readonly matcher: Matcher }
  | { readonly kind: "settled" }
  | { readonly kind: "excused" };

export const SETTLED: Resting = { kind: "settled" };
export const EXCUSED: Resting = { kind: "excused" };
