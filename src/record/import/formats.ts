/** Which program recorded a file: its first bytes tell, not its name. */
import { type ByteString, encodeText, fromBytes } from "../../base/bytes.ts";
import { isCArrays, readCArrays } from "./c-arrays.ts";
import type { Recording, Source } from "./conversation.ts";
import { isCurlTrace, readCurlTrace } from "./curl-trace.ts";
import { isCurlVerbose, readCurlVerbose } from "./curl-verbose.ts";
import { isFollowText, readFollowText } from "./follow-text.ts";
import { isFollowYaml, readFollowYaml } from "./follow-yaml.ts";
import { isJson, readHar } from "./har.ts";
import { isHexRows, readHexDump } from "./hex-rows.ts";
import { badRecording } from "./mistake.ts";
import { isSocat, readSocat } from "./socat.ts";
import { isCapture, readCapture } from "./tshark.ts";

interface Format {
  recognises(beginning: ByteString): boolean;
  read(source: Source): Recording;
}

/** What is most particular comes first: a body that curl shows may look like anything. */
const FORMATS: readonly Format[] = [
  { recognises: isJson, read: readHar },
  { recognises: isSocat, read: readSocat },
  { recognises: isFollowText, read: readFollowText },
  { recognises: isFollowYaml, read: readFollowYaml },
  { recognises: isCArrays, read: readCArrays },
  { recognises: isCurlTrace, read: readCurlTrace },
  { recognises: isCurlVerbose, read: readCurlVerbose },
  { recognises: isHexRows, read: readHexDump },
];

/** So many bytes tell the format. */
const BEGINNING = 64 * 1024;

const LOOKED_FOR =
  "no known recording; looked for what curl -v, curl --trace, socat -v, socat -x and tshark -z follow print, HAR, " +
  "pcap, and Wireshark's streams as YAML, hex dump or C arrays: save it as one of them";

/** A file that was read. */
export interface RecordingFile {
  /** Absolute; undefined: standard input. */
  readonly path: string | undefined;
  /** As messages name it. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** @throws {WiredocError} `bad-recording` */
export async function readRecording(file: RecordingFile, signal: AbortSignal): Promise<Recording> {
  const recording = await read(file, signal);
  if (recording.conversations.some(({ steps }) => steps.length > 0)) return recording;
  const [why = "record one in which the client gets an answer"] = recording.warnings;
  throw badRecording(file.file, 1, `there is no conversation in it: ${why}`);
}

async function read({ path, file, bytes }: RecordingFile, signal: AbortSignal): Promise<Recording> {
  const raw = fromBytes(bytes);
  if (isCapture(raw.slice(0, 4))) {
    if (path === undefined) throw badRecording(file, 1, "tshark reads packets from a file only: save them in one");
    return readCapture(path, file, signal);
  }
  if (raw.startsWith("\x1f\x8b"))
    throw badRecording(file, 1, "the file is compressed: decompress it with gunzip first");
  const text = textOf(raw, bytes);
  const beginning = text.slice(0, BEGINNING);
  const format = FORMATS.find(({ recognises }) => recognises(beginning));
  if (!format) throw badRecording(file, 1, text.trim() === "" ? "the file is empty" : LOOKED_FOR);
  return format.read({ file, text });
}

/** What a shell of Windows writes is UTF-16. */
function textOf(raw: ByteString, bytes: Uint8Array): ByteString {
  if (raw.startsWith("\xff\xfe")) return encodeText(Buffer.from(bytes).toString("utf16le").slice(1));
  return raw.startsWith("\xef\xbb\xbf") ? raw.slice(3) : raw;
}
