/** The options of `wiredoc record`, each checked. */
import { resolve } from "node:path";
import { NamedFileError, readNamedFile } from "../base/named-file.ts";
import type { SettingOptions } from "../record/setting.ts";
import type { ServerCertificate } from "../transports/listen.ts";
import { type ListenAddress, readListen } from "./listening.ts";
import type { Arguments, OptionName } from "./options.ts";
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

function certificateOf(given: Arguments, cwd: string): ServerCertificate | undefined {
  const [cert, key] = [last(given, "tls-cert"), last(given, "tls-key")];
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined) throw usage("--tls-key needs the certificate of the key: add --tls-cert FILE");
  if (key === undefined) throw usage("--tls-cert needs the private key of the certificate: add --tls-key FILE");
  return { cert: fileOf("tls-cert", cert, cwd), key: fileOf("tls-key", key, cwd) };
}

function fileOf(option: OptionName, path: string, cwd: string): string {
  try {
    return readNamedFile(resolve(cwd, path), undefined);
  } catch (error) {
    if (error instanceof NamedFileError)
      throw usage(`--${option}: the file "${path}" cannot be read: ${error.message}`);
    throw error;
  }
}
