/** `wiredoc record --listen`: records what clients and a server say, until an interrupt. */
import { writeBound } from "../base/listening.ts";
import { schemes } from "../builtins.ts";
import { insecureScheme, secureScheme } from "../play/peers.ts";
import { RecordingProxy } from "../record/proxy.ts";
import { connectProblem, tooLate } from "../replay/connect-problem.ts";
import type { Target } from "../transports/transport.ts";
import { EXIT } from "./command.ts";
import { listenProblem } from "./listening.ts";
import type { Studio } from "./record-studio.ts";
import { usage } from "./values.ts";

/** @returns the exit code. @throws what the recorder does not get over. */
export async function recordProxy(studio: Studio): Promise<number> {
  const { values, setting, target, recorder, screen, interrupted, warn } = studio;
  const { timeout, dialect, isByScheme } = setting;
  const { certificate, listen: at } = values;
  let fail: (error: unknown) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    fail = reject;
    interrupted.addEventListener("abort", () => resolve());
    if (interrupted.aborted) resolve();
  });
  const proxy = new RecordingProxy({
    recorder,
    target,
    timeout,
    transport: await schemes[target.scheme]!.load(),
    clients: { at: at!, certificate, startsWithTls: certificate !== undefined },
    declinesEncryption: isByScheme && dialect.name === "line",
    unreachable: (error) =>
      warn(`cannot connect to ${target.url}: ${error ? connectProblem(error, target) : tooLate(timeout, target)}`),
    refused: (error) => warn(`a client did not complete the TLS handshake: ${handshakeProblem(error)}`),
    failed: fail,
  });
  try {
    const bound = await proxy.start();
    for (const host of new Set([bound.host, at!.host, "localhost"])) recorder.alias(writeBound({ ...bound, host }));
    screen.write(`listening on ${schemeForClients(target, certificate !== undefined)}://${writeBound(bound)}\n`);
  } catch (error) {
    const problem = listenProblem(error, at!);
    if (problem !== undefined) {
      warn(problem);
      return EXIT.unreachable;
    }
    if (certificate) throw usage(`--tls-cert and --tls-key cannot be used: ${(error as Error).message}`);
    throw error;
  }
  try {
    await ended;
  } finally {
    proxy.stop();
  }
  return EXIT.ok;
}

/** By OpenSSL's code; others are said in its own words, which begin with numbers. */
const HANDSHAKE_PROBLEMS: Readonly<Record<string, string>> = {
  ERR_SSL_HTTP_REQUEST: "it does not speak TLS; let it connect to https:// instead of http://",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS",
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "it does not trust the certificate; let it trust its issuer, or not check it",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: "it does not accept the certificate",
  ECONNRESET: "it closed the connection",
};

const handshakeProblem = ({ code = "", message }: NodeJS.ErrnoException): string =>
  HANDSHAKE_PROBLEMS[code] ?? message.trim().replace(/^[\dA-F]+:error:[\dA-F]+:/, "");

function schemeForClients({ scheme }: Target, isTls: boolean): string {
  const plain = scheme === "unix" ? "tcp" : (insecureScheme(scheme) ?? scheme);
  return isTls ? (secureScheme(plain) ?? plain) : plain;
}
