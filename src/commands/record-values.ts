/** The options of `wiredoc record`, each checked. */
import type { SettingOptions } from "../record/setting.ts";
import type { ServerCertificate } from "../transports/listen.ts";
import { certificateOf } from "./certificate.ts";
import { type ListenAddress, readListen } from "./listening.ts";
import type { Arguments } from "./options.ts";
import { last, runOptions, usage } from "./values.ts";

export interface RecordValues extends SettingOptions {
  readonly target: string;
  /** Where the document goes; undefined: standard output. */
  readonly output: string | undefined;
  /** Undefined: no proxy, but a session. */
  readonly listen: ListenAddress | undefined;
  readonly certificate: ServerCertificate | undefined;
}

const EXAMPLE_LISTEN = "127.0.0.1:8000";

/** @throws {WiredocError} `usage` */
export function recordValues(given: Arguments, cwd: string): RecordValues {
  const [stray] = given.paths;
  if (stray !== undefined) throw usage(`"wiredoc record" takes no documents: write the new one with -o ${stray}`);
  const target = last(given, "target");
  if (target === undefined)
    throw usage("no server to record: name it with --target URL, or a recording with --import FILE");
  const { timeout, settle, limit } = runOptions(given);
  const listen = last(given, "listen");
  const certificate = certificateOf(given, cwd);
  if (certificate && listen === undefined)
    throw usage("--tls-cert is for clients of a proxy: add --listen HOST:PORT, or remove --tls-cert and --tls-key");
  return {
    ...{ target, timeout, settle, limit, certificate, cwd },
    dialect: last(given, "dialect"),
    config: last(given, "config"),
    output: last(given, "output"),
    listen: listen === undefined ? undefined : readListen(listen, EXAMPLE_LISTEN),
  };
}
