/** `wiredoc record`: writes a document of what a client and a server say to each other. */
import { displayText } from "../base/bytes.ts";
import { now } from "../base/clock.ts";
import { builtins } from "../builtins.ts";
import { DocumentFile, DocumentText } from "../record/document-file.ts";
import { Recorder } from "../record/recorder.ts";
import { settingOf } from "../record/setting.ts";
import { type Command, EXIT } from "./command.ts";
import { recordImport } from "./record-import.ts";
import { recordProxy } from "./record-proxy.ts";
import { recordSession } from "./record-session.ts";
import { recordValues } from "./record-values.ts";

export const recordCommand: Command = async (given, surroundings) => {
  if (given.texts.import !== undefined) return recordImport(given, surroundings);
  const { stdout, stderr, takeInterrupts } = surroundings;
  const values = recordValues(given, process.cwd());
  const setting = await settingOf(values, builtins);
  const file = values.output === undefined ? undefined : new DocumentFile(values.output);
  const sink = file ?? new DocumentText();
  const warn = (message: string): void => void stderr.write(`wiredoc: ${displayText(message)}\n`);
  const recorder = new Recorder(setting, sink, warn);
  const record = values.listen === undefined ? recordSession : recordProxy;
  let code: number = EXIT.mistake;
  try {
    code = await record({
      values,
      setting,
      // The command line names one.
      target: setting.target!,
      recorder,
      screen: file ? stdout : stderr,
      interrupted: takeInterrupts(),
      warn,
    });
    if (code === EXIT.ok) recorder.end(now());
  } finally {
    file?.close();
  }
  if (sink instanceof DocumentText) stdout.write(sink.text);
  return code;
};
