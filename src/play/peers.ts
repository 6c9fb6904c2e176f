/**
 * Recognizes the protocol of a server that does not speak the expected dialect, by its first bytes.
 */
import type { ByteString } from "../base/bytes.ts";

const BEGINNINGS: readonly (readonly [RegExp, string])[] = [
  [/^SSH-[12]\./, "SSH"],
  [/^HTTP\/\d/, "HTTP"],
  // A SETTINGS frame of stream 0.
  [/^\0\0[\0-\xff]\x04[\0\x01]\0\0\0\0/, "HTTP/2"],
  [/^\s*<(?:!doctype html|html|head|body)\b/i, "HTML"],
  // A handshake or an alert, and the version that every TLS record bears.
  [/^[\x15\x16]\x03[\x00-\x04]/, "TLS"],
  [/^220[ -][^\r\n]*\b(?:E?SMTP|Postfix|sendmail|Exim|mail)\b/i, "SMTP"],
  [/^220[ -][^\r\n]*\bFTP/i, "FTP"],
  [/^\* (?:OK|PREAUTH)\b[^\r\n]*\bIMAP/i, "IMAP"],
  [/^\+OK\b[^\r\n]*\bPOP3?\b/i, "POP3"],
  [/^-ERR /, "Redis"],
  [/^INFO \{/, "NATS"],
];

/** The name of a protocol other than `dialect`; undefined where nothing is plain. */
export function seemsToSpeak(bytes: ByteString, dialect: string): string | undefined {
  const name = BEGINNINGS.find(([beginning]) => beginning.test(bytes))?.[1];
  return name === undefined || dialect.includes(name.toLowerCase()) ? undefined : name;
}

/** Schemes without TLS and with it, for the same dialect. */
const SECURE: Readonly<Record<string, string>> = { tcp: "tls", http: "https", redis: "rediss" };

/** The scheme with TLS; undefined where there is none. */
export const secureScheme = (scheme: string): string | undefined => SECURE[scheme];

export const insecureScheme = (scheme: string): string | undefined =>
  Object.keys(SECURE).find((plain) => SECURE[plain] === scheme);

/** The same as the end of a sentence, with the remedy where TLS is all that is missing; empty where nothing is plain. */
export function peerHint(bytes: ByteString, dialect: string, scheme: string): string {
  const name = seemsToSpeak(bytes, dialect);
  if (name === undefined) return "";
  const secure = name === "TLS" ? SECURE[scheme] : undefined;
  return `; the server seems to speak ${name}${secure === undefined ? "" : `: write ${secure}:// instead of ${scheme}://`}`;
}
