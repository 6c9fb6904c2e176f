import type { Recorder } from "../record/recorder.ts";
import type { Setting } from "../record/setting.ts";
import type { Target } from "../transports/transport.ts";
import type { Surroundings } from "./command.ts";
import type { RecordValues } from "./record-values.ts";

/** What each way of recording needs. */
export interface Studio {
  readonly values: RecordValues;
  readonly setting: Setting;
  readonly target: Target;
  readonly recorder: Recorder;
  /** For the user: the document does not go there. */
  readonly screen: Surroundings["stdout"];
  readonly interrupted: AbortSignal;
  /** A sentence for standard error. */
  warn(message: string): void;
}
