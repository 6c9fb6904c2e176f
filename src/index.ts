/**
 * wiredoc as a library: parse documents, run them, and add dialects, transports and reporters of your own.
 */
import { dialects } from "./builtins.ts";
import { dialectNames } from "./plan/registry.ts";
import type { Document } from "./transcript/model.ts";
import { parseDocument as parse } from "./transcript/parse.ts";

export interface ParseDocumentOptions {
  /** The document's name in messages; default `document.md`. */
  readonly path?: string;
  /** Whether a target is known from outside, so that fences without a language are examples too. */
  readonly targetKnown?: boolean;
}

/**
 * Reads a Markdown text: its front matter and its examples, with their lines and places. What single lines mean is read
 * when a run is planned, with {@link run}.
 * @throws {DocumentErrors} with every mistake found.
 */
export function parseDocument(
  text: string,
  { path = "document.md", targetKnown = false }: ParseDocumentOptions = {},
): Document {
  return parse(text, { path, targetKnown, dialects: dialectNames({ dialects }) });
}

export type { ByteString } from "./base/bytes.ts";
export { decodeText, encodeText } from "./base/bytes.ts";
export { DocumentErrors, ERROR_CODES, type ErrorCode, WiredocError } from "./base/error.ts";
export type { Span } from "./base/span.ts";
export type {
  Begun,
  Codec,
  CodecContext,
  Decoded,
  Direction,
  Encoded,
  Expectation,
  ExpectationContext,
  FlushReason,
  OutgoingLine,
  Pending,
  Request,
} from "./dialects/codec.ts";
export type {
  Comparison,
  Dialect,
  Reading,
  ReadingContext,
  ReceivedLine,
  ReplyCheck,
  ReplyMistake,
} from "./dialects/dialect.ts";
export { FramingError, LineError, OptionError } from "./dialects/errors.ts";
export type { DiffRow } from "./match/diff.ts";
export { matchInOrder } from "./match/in-order.ts";
export type { Captures, Matcher, Progress, Unmatched } from "./match/matcher.ts";
export type { LinePattern } from "./match/pattern.ts";
export { UnorderedMatcher } from "./match/unordered.ts";
export type { Scope } from "./match/variables.ts";
export type { Allowed, Config, ServerDefinition } from "./plan/config/config.ts";
export type { RunOptions } from "./plan/options.ts";
export type { Segment } from "./plan/segment.ts";
export type {
  Counts,
  DocumentError,
  DocumentResult,
  DocumentWarning,
  ExampleResult,
  ExampleStatus,
  ExchangeResult,
  Failure,
  FailureKind,
  RunEvent,
  Varying,
} from "./play/outcome.ts";
export type { Reporter, ReporterOptions, ReportOutput } from "./report/reporter.ts";
export { run } from "./run.ts";
export type { RunningServer, Server } from "./servers/server.ts";
export type {
  Attributes,
  Control,
  Document,
  Example,
  Exchange,
  Settings,
  Step,
  WrittenLine,
} from "./transcript/model.ts";
export type { Connection, Receiver, Target, Transport } from "./transports/transport.ts";
