/**
 * Why a connection could not be opened, in words, and what to do about it.
 */
import { type ByteString, fromBytes } from "../base/bytes.ts";
import { formatDuration } from "../base/duration.ts";
import { insecureScheme, seemsToSpeak } from "../play/peers.ts";
import { quoteLine } from "../play/sentence.ts";
import type { ConnectFailure, Target } from "../transports/transport.ts";

/** By the system's code; others say it in the system's words. */
const REASONS: Readonly<Record<string, (target: Target) => string>> = {
  ECONNREFUSED: () => "nothing listens there (connection refused)",
  ECONNRESET: () => "the server broke the connection off before it was open",
  ENOENT: () => "there is no such socket",
  EACCES: () => "permission denied",
  EPERM: () => "permission denied",
  ENOTSOCK: () => "it is no socket",
  ENOTFOUND: ({ host }) => `the name ${host} is unknown`,
  EAI_AGAIN: ({ host }) => `the name ${host} could not be looked up, because the name server did not answer`,
  ETIMEDOUT: () => "the server does not answer",
  EHOSTUNREACH: () => "the network has no route to this address",
  ENETUNREACH: () => "the network has no route to this address",
  EMFILE: () => "this process has too many files and connections open",
};

export function connectProblem({ code = "", message, answer }: ConnectFailure, target: Target): string {
  if (answer !== undefined) return notTls(fromBytes(answer), target);
  return REASONS[code]?.(target) ?? message;
}

/** What to say where the time was over first. */
export function tooLate(ms: number, { scheme }: Target): string {
  const plain = insecureScheme(scheme);
  if (plain === undefined) return `no connection within ${formatDuration(ms)}`;
  const remedy = `if the server does not speak TLS, write ${plain}:// instead of ${scheme}://`;
  return `no TLS connection within ${formatDuration(ms)}; ${remedy}`;
}

function notTls(answer: ByteString, { scheme }: Target): string {
  const [line = ""] = answer.split(/(?<=\n)/, 1);
  const protocol = seemsToSpeak(answer, "");
  const what = protocol === undefined ? "" : `; it seems to speak ${protocol}`;
  const said = line === "" ? "" : `; it says ${quoteLine(line)}`;
  const plain = insecureScheme(scheme);
  return `the server does not speak TLS${what}${said}${plain === undefined ? "" : `; write ${plain}:// instead of ${scheme}://`}`;
}
