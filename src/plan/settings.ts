/**
 * Which setting counts for an example. Strongest first: its attributes, the command line, the front matter, the config
 * file's `defaults`, the format's own default.
 */

import type { DialectOptions, Eol } from "../base/settings.ts";
import type { DocumentHead, Example } from "../transcript/model.ts";
import type { RunOptions } from "./options.ts";

/** The format's defaults (format guide, section 1). */
export const DEFAULTS = { eol: "crlf", timeout: 2000, settle: 50, limit: 16e6, every: 100 } as const;

/** What holds for one example. Durations in milliseconds, sizes in bytes. */
export interface ExampleSettings {
  readonly eol: Eol;
  readonly timeout: number;
  readonly settle: number;
  readonly limit: number;
  readonly unordered: boolean;
  readonly retry: number;
  readonly every: number;
  readonly options: Readonly<Record<string, DialectOptions>>;
}

const NO_OPTIONS: DialectOptions = {};

/** The options of one dialect. */
export const optionsOf = ({ name }: { readonly name: string }, { options }: ExampleSettings): DialectOptions =>
  options[name] ?? NO_OPTIONS;

export function settingsOf(
  example: Example,
  { settings }: DocumentHead,
  options: RunOptions,
  dialectOptions: Readonly<Record<string, DialectOptions>>,
): ExampleSettings {
  const { attributes } = example;
  return {
    eol: attributes.eol ?? settings.eol ?? DEFAULTS.eol,
    timeout: attributes.timeout ?? options.timeout ?? settings.timeout ?? DEFAULTS.timeout,
    settle: attributes.settle ?? options.settle ?? settings.settle ?? DEFAULTS.settle,
    limit: options.limit ?? settings.limit ?? DEFAULTS.limit,
    unordered: attributes.unordered ?? false,
    retry: attributes.retry ?? options.retry ?? 0,
    every: attributes.every ?? DEFAULTS.every,
    options: dialectOptions,
  };
}
