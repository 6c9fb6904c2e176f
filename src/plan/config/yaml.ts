/** A config file in YAML, and so in JSON. In a file of its own because the library takes its time to load. */
import { WiredocError } from "../../base/error.ts";
import type { Value } from "../../transcript/value.ts";
import { readYaml } from "../../transcript/yaml.ts";

/** Undefined for a file that says nothing, or that has mistakes, which go to `report`. */
export const fromYaml = (text: string, file: string, report: (error: WiredocError) => void): Value | undefined =>
  readYaml(text, file, 1, (message, span) => report(new WiredocError("bad-config", message, span)));
