/** Packets: tshark takes the files apart, of which there are many kinds. It has to be installed. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { WiredocError } from "../../base/error.ts";
import type { Recording } from "./conversation.ts";
import { FIELDS, TcpStreams } from "./tcp-streams.ts";

/** pcap with micro- or nanoseconds in either order of bytes, and pcapng. */
const MAGIC = /^(?:\xa1\xb2[\xc3\x3c][\xd4\x4d]|[\xd4\x4d][\xc3\x3c]\xb2\xa1|\x0a\x0d\x0d\x0a)/;
/** So much of what tshark says about a failure is looked at, in characters. */
const LONGEST_REASON = 10_000;

export const isCapture = (beginning: string): boolean => MAGIC.test(beginning);

const OUTPUT = [
  ...["-n", "-Y", "tcp", "-T", "fields", "-E", "separator=/t", "-E", "occurrence=l"],
  ...FIELDS.flatMap((field) => ["-e", field]),
];

/**
 * @param path absolute. @param file as messages name it.
 * @throws {WiredocError} `bad-recording` where tshark is missing or refuses the file.
 */
export async function readCapture(path: string, file: string, signal: AbortSignal): Promise<Recording> {
  const tshark = spawn("tshark", ["-r", path, ...OUTPUT], { stdio: ["ignore", "pipe", "pipe"], signal });
  const streams = new TcpStreams();
  let said = "";
  tshark.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(0, LONGEST_REASON);
  });
  const ended = new Promise<number | null>((resolve, reject) => tshark.on("error", reject).on("close", resolve));
  ended.catch(() => {});
  for await (const row of createInterface({ input: tshark.stdout })) streams.add(row);
  let code: number | null;
  try {
    code = await ended;
  } catch (error) {
    signal.throwIfAborted();
    throw new WiredocError("bad-recording", `${file}: ${reasonOf(error as NodeJS.ErrnoException)}`);
  }
  const recording = streams.end();
  if (code === 0) return recording;
  const reason = lastLine(said).replaceAll(path, file);
  if (recording.conversations.length === 0)
    throw new WiredocError("bad-recording", `${file}: tshark cannot read it: ${reason}: capture it anew`);
  return { ...recording, warnings: [...recording.warnings, `tshark has not read all of ${file}: ${reason}`] };
}

const reasonOf = ({ code, message }: NodeJS.ErrnoException): string =>
  code === "ENOENT"
    ? "a packet capture is read with tshark, which is not installed: install Wireshark's tshark, or save the stream with Wireshark as YAML"
    : `tshark cannot be started: ${message}`;

/** Without the advice not to be root. */
function lastLine(said: string): string {
  const lines = said.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("Running as user"));
  const line = lines.at(-1) ?? "it gives no reason";
  return line.replace(/^tshark: /, "").replace(/\.$/, "");
}
