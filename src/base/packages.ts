/**
 * Packages, and one module of Node, that many runs do not need. They are loaded on first use, as importing some of them
 * takes longer than a short run. The build puts these packages in files of their own (scripts/bundle.js).
 */
import { createRequire } from "node:module";
import type MarkdownIt from "markdown-it";
import type { RE2JS } from "re2js";

const require = createRequire(import.meta.url);

export const loadMarkdownIt = (): typeof MarkdownIt => require("markdown-it");

export const loadYaml = (): typeof import("yaml") => require("yaml");

export const loadRe2 = (): typeof RE2JS => require("re2js").RE2JS;

/** Unicode's table of widths and of how characters join. Few lines of a report need it. */
export const loadStringWidth = (): typeof import("string-width").default => require("string-width").default;

export const loadOs = (): typeof import("node:os") => require("node:os");

/** One of Google's definitions that protobufjs ships beside its code. */
export const loadGoogleProto = (name: string): { readonly nested?: Record<string, object> } =>
  require(`protobufjs/google/protobuf/${name}.json`);
