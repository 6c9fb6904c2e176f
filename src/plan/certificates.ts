/** The certificates that a document or the config file names: `tls.ca` (format guide, section 1). */
import { resolve } from "node:path";
import { WiredocError } from "../base/error.ts";
import { NamedFileError, readNamedFile } from "../base/named-file.ts";
import type { TlsOptions } from "../base/settings.ts";
import type { DocumentHead } from "../transcript/model.ts";
import type { Config } from "./config/config.ts";

export interface TlsContext {
  readonly document: DocumentHead;
  readonly config: Config;
  /** Of the document: paths in it start here. */
  readonly folder: string;
  /** The folder that files named in the document have to be in. */
  readonly within: string;
  readonly report: (error: WiredocError) => void;
}

/** The document's TLS options with the certificates read. */
export function readTls({ document, report, folder, within, config }: TlsContext): TlsOptions {
  const { tls = {} } = document.settings;
  if (tls.ca === undefined) return tls;
  const { ca, ...rest } = tls;
  const ownSpan = document.settingSpans["tls.ca"] ?? document.settingSpans.tls;
  const fail = (message: string): TlsOptions => {
    report(
      new WiredocError(
        "bad-ca",
        message,
        ownSpan ?? config.spans?.["defaults.tls"] ?? { file: config.path ?? document.path, line: 1, column: 1 },
      ),
    );
    return rest;
  };
  try {
    const text = ownSpan
      ? readNamedFile(resolve(folder, ca), within)
      : readNamedFile(resolve(config.folder, ca), undefined);
    if (text.includes("-----BEGIN CERTIFICATE-----")) return { ...rest, ca: text };
    return fail(`tls.ca: ${ca} has no certificate in PEM format, which begins with -----BEGIN CERTIFICATE-----`);
  } catch (error) {
    if (!(error instanceof NamedFileError)) throw error;
    return fail(`tls.ca: ${ca} cannot be read: ${error.message}`);
  }
}
