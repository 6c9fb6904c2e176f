/**
 * What a server seems to speak, told by the first bytes that it sends, for a dialect that cannot read them: most often
 * the document names another port than it means.
 */
import type { ByteString } from "../base/bytes.ts";

/** The first expression that fits names the protocol. Each needs more than a word that any text could begin with. */
const BEGINNINGS: readonly (readonly [expression: RegExp, name: string])[] = [
  [/^SSH-\d/, "SSH"],
  [/^[\x14-\x17]\x03[\x00-\x04]/, "TLS"],
  [/^PRI \* HTTP\/2|^HTTP\/2|^\0\0[\0-\xff]\x04[\0\x01]\0\0\0\0/, "HTTP/2"],
  [/^HTTP\/3/, "HTTP/3"],
  [/^HTTP\/\d/, "HTTP"],
  [/^RTSP\/\d/, "RTSP"],
  [/^SIP\/\d/, "SIP"],
  [/^\s*<(?:!doctype html|html|head|body)\b/i, "HTML without an HTTP head"],
  [/^220[ -][^\r\n]*(?:ftp|filezilla)/i, "FTP"],
  [/^(?:220|421|554)[ -]/, "SMTP or FTP"],
  [/^\* (?:OK|PREAUTH|BYE)\b/, "IMAP"],
  [/^\+OK /, "POP3"],
  [/^INFO \{/, "NATS"],
  [/^-(?:ERR|NOAUTH|DENIED|WRONGPASS) |^(?:\$-?\d+|\*-?\d+|:-?\d+|\+PONG)\r\n/, "Redis"],
  [/^OK MPD /, "MPD"],
  [/^AMQP\0?/, "AMQP"],
  [/^[\s\S]{3}\0\x0a\d+\.\d+\.\d+/, "MySQL"],
  [/^RFB \d{3}\.\d{3}/, "VNC"],
];

/** The name of the protocol that bytes belong to, where that is plain. */
export const protocolOf = (bytes: ByteString): string | undefined =>
  BEGINNINGS.find(([expression]) => expression.test(bytes))?.[1];

/** The same as the end of a sentence: "; it looks like SSH". Empty where it is not plain, or the dialect's own. */
export function looksLike(bytes: ByteString, own = ""): string {
  const name = protocolOf(bytes);
  return name === undefined || name === own ? "" : `; it looks like ${name}`;
}
