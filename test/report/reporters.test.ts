import { dot } from "../../src/report/dot.ts";
import { json } from "../../src/report/json.ts";
import { junit } from "../../src/report/junit.ts";
import { pretty } from "../../src/report/pretty.ts";
import { tap } from "../../src/report/tap.ts";
import { reporterContract } from "../contract/reporter.ts";

reporterContract(pretty);
reporterContract(dot);
reporterContract(tap);
reporterContract(junit);
reporterContract(json, {
  keepsReplies: "a program reads it, and the schema has the whole reply",
  silentInterruption: "the stable schema has no key for it; `ok` is false",
});
