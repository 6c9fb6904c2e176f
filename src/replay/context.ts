/** What the replay of a document needs of the run. */
import type { RunEvent } from "../play/outcome.ts";
import type { SwitchboardContext } from "./switchboard.ts";
import type { Updating } from "./update.ts";
import type { WatchedServer } from "./watched-server.ts";

export interface ReplayContext extends SwitchboardContext {
  readonly keepReplies: boolean;
  /** Whether and how replies are written anew. */
  readonly update: Updating | undefined;
  readonly progressEvents: boolean;
  readonly pipeline: number;
  /** A server that was started for the run or the document; undefined where it was there already. */
  startedServer(name: string): WatchedServer | undefined;
  emit(event: RunEvent): void;
  /** Counts a failed example. */
  noteFailure(): void;
  /** Whether the run is to stop (`--bail`). */
  isStopped(): boolean;
}
