/**
 * Packages that a run may do without, loaded when they are first needed: their import takes longer than a short run. The
 * build of the command puts each in a file beside the bundle (scripts/bundle.js).
 */
import { createRequire } from "node:module";
import type MarkdownIt from "markdown-it";

const require = createRequire(import.meta.url);

export const loadMarkdownIt = (): typeof MarkdownIt => require("markdown-it");
