import { BlockList, isIPv4, isIPv6 } from "node:net";
import { didYouMean, oneOf } from "../base/error.ts";
import { DEFAULT_PORTS } from "../base/ports.ts";
import type { TlsOptions } from "../base/settings.ts";
import type { Target } from "./transport.ts";

/** A URL that names no target: what is wrong with it, and what would be right. */
export class TargetError extends Error {
  override readonly name = "TargetError";
}

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;
/** What inet_aton, and so the system's resolver, takes for a number (`2130706433`, `0x7f.1`). */
const NUMERIC_LABEL = /^(?:\d+|0x[\da-f]*)$/;

/** The same address can be written in many ways; the list costs its time to load, and seldom is there one. */
function isLoopbackIPv6(host: string): boolean {
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8);
  loopback.addAddress("::1", "ipv6");
  return loopback.check(host, "ipv6");
}

/**
 * Reads the URL of a target (`tcp://host:port`, `unix:/path`, `http://host`, ...).
 *
 * It is read here and not by `URL`, which leaves hosts of the schemes it does not know as they are, and rewrites those of
 * the others: here a host is a name or an address in its usual form, and nothing that a resolver may take for another.
 * @param schemes the schemes that some transport takes, without the colon.
 * @throws {TargetError}
 */
export function parseTarget(url: string, tls: TlsOptions, schemes: readonly string[]): Target {
  const [, written, rest] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(url) ?? [];
  if (written === undefined || rest === undefined || /^\d+(?:\/|$)/.test(rest)) {
    throw new TargetError(
      `the target "${url}" has no scheme; write one before it, as in tcp://${rest ? url : "host:port"}`,
    );
  }
  const scheme = written.toLowerCase();
  if (!schemes.includes(scheme)) {
    const guess = didYouMean(scheme, schemes) || `; known are ${oneOf(schemes)}`;
    throw new TargetError(`unknown scheme "${scheme}"${guess}`);
  }
  if (/[\x00-\x1f\x7f]/.test(rest)) {
    throw new TargetError(`the target ${JSON.stringify(url)} holds a control character; remove it`);
  }
  const address =
    scheme === "unix" ? { host: "", port: 0, path: parsePath(url, rest) } : parseAuthority(url, scheme, rest);
  return { url, scheme, tls, ...address };
}

/**
 * Whether the target is on this machine for certain: a Unix socket, `localhost`, 127.0.0.0/8 or ::1, also as an IPv4
 * address mapped into IPv6. Other names are not resolved: who owns one decides where it leads.
 */
export function isLoopback(target: Target): boolean {
  if (target.scheme === "unix" || target.host === "localhost") return true;
  if (isIPv4(target.host)) return target.host.startsWith("127.");
  return isIPv6(target.host) && isLoopbackIPv6(target.host);
}

/** What an HTTP request names in `Host`: without the port where it is the scheme's own (RFC 9110, section 7.2). */
export const hostOf = ({ host, port, scheme }: Target): string => {
  const name = host.includes(":") ? `[${host}]` : host || "localhost";
  return port === 0 || port === DEFAULT_PORTS[scheme] ? name : `${name}:${port}`;
};

function parsePath(url: string, rest: string): string {
  const path = rest.startsWith("//") ? rest.slice(2) : rest;
  if (!path.startsWith("/")) {
    throw new TargetError(`"${url}" names no absolute path; write unix:/path/of/the.sock`);
  }
  return path;
}

function parseAuthority(url: string, scheme: string, rest: string): Pick<Target, "host" | "port" | "path"> {
  const defaultPort = DEFAULT_PORTS[scheme];
  const form = defaultPort === undefined ? `${scheme}://host:port` : `${scheme}://host or ${scheme}://host:port`;
  const [, authority, tail] = /^\/\/([^/?#]*)(.*)$/s.exec(rest) ?? [];
  if (authority === undefined || tail === undefined) throw new TargetError(`"${url}" is no target; write ${form}`);
  // The password is not repeated: the message may end up in a log.
  if (authority.includes("@"))
    throw new TargetError(`a target has no user info; write ${form}, without what stands before the "@"`);
  if (tail !== "" && tail !== "/")
    throw new TargetError(`"${url}" goes on after the address; ${superfluous(tail, scheme, form)}`);
  const [, bracketed, named, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(authority) ?? [];
  if (bracketed === undefined && named === undefined) {
    const remedy = isIPv6(authority)
      ? `write an IPv6 address in brackets: ${scheme}://[${authority}]:port`
      : `write ${form}`;
    throw new TargetError(`"${authority}" is no address; ${remedy}`);
  }
  const host =
    bracketed === undefined ? checkedName(url, named!.toLowerCase(), form) : checkedIPv6(bracketed.toLowerCase());
  return { host, port: checkedPort(url, port, defaultPort, form), path: "" };
}

function superfluous(tail: string, scheme: string, form: string): string {
  if (tail.startsWith("#")) return `a target has no fragment: write ${form}`;
  if (tail.startsWith("?")) return `a target has no query: write ${form}`;
  if (/^https?$/.test(scheme)) return `write ${form}, and the path in the request line: >>> GET ${tail} HTTP/1.1`;
  return /^rediss?$/.test(scheme) && /^\/\d+$/.test(tail)
    ? `write ${form}, and the database in a command: >>> SELECT ${tail.slice(1)}`
    : `a target has no path: write ${form}`;
}

function checkedIPv6(host: string): string {
  if (host.includes("%")) throw new TargetError(`a zone ("${host}") is not supported; write the address without it`);
  if (!isIPv6(host)) throw new TargetError(`"[${host}]" is no IPv6 address; write one as in [::1]`);
  return host;
}

function checkedName(url: string, host: string, form: string): string {
  if (host === "") throw new TargetError(`"${url}" names no host; write ${form}`);
  if (isIPv4(host)) return host;
  const labels = host.replace(/\.$/, "").split(".");
  if (NUMERIC_LABEL.test(labels.at(-1)!)) {
    throw new TargetError(`"${host}" is no IPv4 address; write four numbers from 0 to 255, as in 127.0.0.1`);
  }
  // RFC 1035, section 2.3.4, with the underscore that container networks use.
  if (host.length > 253 || !labels.every((label) => label.length <= 63 && LABEL.test(label))) {
    throw new TargetError(
      `"${host}" is no host name; write letters, digits, "-" and dots (an international name as xn--...)`,
    );
  }
  return host;
}

function checkedPort(url: string, written: string | undefined, byDefault: number | undefined, form: string): number {
  if (written === undefined && byDefault !== undefined) return byDefault;
  if (!written) throw new TargetError(`"${url}" names no port; write ${form}`);
  const port = /^\d{1,5}$/.test(written) ? Number(written) : 0;
  if (port < 1 || port > 65_535) throw new TargetError(`"${written}" is no port; write a number from 1 to 65535`);
  return port;
}
