/** The options `--tls-cert` and `--tls-key`. */
import { resolve } from "node:path";
import { NamedFileError, readNamedFile } from "../base/named-file.ts";
import type { ServerCertificate } from "../transports/listen.ts";
import type { Arguments, OptionName } from "./options.ts";
import { last, usage } from "./values.ts";

/** The texts of both files; undefined where there are none. @throws {WiredocError} `usage` */
export function certificateOf(given: Arguments, cwd: string): ServerCertificate | undefined {
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
