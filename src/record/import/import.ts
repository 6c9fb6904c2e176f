/** What another program recorded becomes a document. */
import { resolve } from "node:path";
import { displayPath } from "../../plan/display-path.ts";
import type { Registry } from "../../plan/registry.ts";
import { DocumentText } from "../document-file.ts";
import { Recorder } from "../recorder.ts";
import { type SettingOptions, settingOf } from "../setting.ts";
import { feed } from "./feed.ts";
import { readRecording } from "./formats.ts";
import { readWhole } from "./read-file.ts";
import { chooseServer } from "./server.ts";

export interface ImportOptions extends SettingOptions {
  /** `-`: standard input. */
  readonly file: string;
}

export interface ImportHost {
  readonly registry: Registry;
  readonly signal: AbortSignal;
  /** Told of what is not in the document. */
  warn(message: string): void;
}

/**
 * The document of a recording.
 * @throws {WiredocError} `no-such-file`, `unreadable`, `bad-recording`, and mistakes of the command line and the config file
 */
export async function importRecording(options: ImportOptions, host: ImportHost): Promise<string> {
  const { file: given, cwd } = options;
  const path = given === "-" ? undefined : resolve(cwd, given);
  const file = path === undefined ? "standard input" : displayPath(given, cwd);
  const bytes = await readWhole(path, file, host.signal);
  const recording = await readRecording({ path, file, bytes }, host.signal);
  const { conversations, warnings, target, dialect } = chooseServer(file, recording, options);
  const setting = await settingOf({ ...options, target, dialect }, host.registry);
  for (const warning of warnings) host.warn(warning);
  const sink = new DocumentText(true);
  feed(conversations, new Recorder(setting, sink, host.warn));
  return sink.text;
}
