/** What stands above the examples of a recorded document: front matter, a heading, and how to play it. */
import { isLoopback } from "../transports/target.ts";
import type { Target } from "../transports/transport.ts";
import type { Setting } from "./setting.ts";
import type { Wording } from "./wording.ts";

/** @param isNamed whether the dialect has to be named: the scheme of the target does not say it. */
export function headOf({ target, dialect, isByScheme }: Setting, wording: Wording): string {
  const isHex = wording.isHex === true && dialect.name === "line";
  const named = isHex ? "hex" : isByScheme ? undefined : dialect.name;
  const keys = [
    target && isWritable(target) && `target: ${quoted(target.url)}`,
    named !== undefined && `dialect: ${quoted(named)}`,
    wording.eol === "lf" && "eol: lf",
    "connection: example",
  ];
  const front = keys.filter((key) => typeof key === "string").map((key) => `${key}\n`);
  return `---\n${front.join("")}---\n\n# A recording\n${introduction(target)}`;
}

/** A document can only name a server on the same machine. */
const isWritable = (target: Target): boolean => isLoopback(target);

function introduction(target: Target | undefined): string {
  if (!target) return "\nTo play it, name the server: `wiredoc --target URL FILE`.\n";
  if (target.scheme === "unix") return "\nTo play it, allow the socket: `wiredoc --allow-unix PATH FILE`.\n";
  return isWritable(target) ? "" : `\nTo play it, name the server: \`wiredoc --target ${target.url} FILE\`.\n`;
}

/** As a scalar of YAML. */
const quoted = (text: string): string => (/^[A-Za-z][\w:/.-]*$/.test(text) ? text : JSON.stringify(text));
