/** `allow`: the Unix sockets and environment variables that documents may use. */
import { didYouMean, oneOf } from "../../base/error.ts";
import type { Entry } from "../../transcript/value.ts";
import type { Allowed } from "./config.ts";
import { entriesOf, type Report, showValue } from "./entries.ts";

const KEYS = ["unix", "env"] as const;
const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function readAllow(entry: Entry | undefined, report: Report): Allowed {
  const allowed: { unix?: readonly string[]; env?: readonly string[] } = {};
  for (const { name, span, value } of entriesOf(entry, "{unix: [...], env: [...]}", report)) {
    const key = KEYS.find((one) => one === name);
    if (key === undefined) {
      report(`allow: "${name}" is not a key${didYouMean(name, KEYS)}; use ${oneOf(KEYS)}`, span);
      continue;
    }
    const items = value.kind === "list" ? value.items : [value];
    allowed[key] = items.flatMap((item) => {
      const isText = item.kind === "scalar" && typeof item.value === "string" && item.value !== "";
      if (isText && (key === "unix" || ENVIRONMENT_NAME.test(item.text))) return [item.text];
      const wanted = key === "unix" ? "the path of a socket" : "the name of an environment variable";
      report(`allow: ${showValue(item)} is not ${wanted}`, item.span ?? span);
      return [];
    });
  }
  return allowed;
}
