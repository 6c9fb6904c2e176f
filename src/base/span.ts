/** A place in a file that a person can go to. Lines and columns count from 1; a column counts UTF-16 units. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `file:line:column`, which editors and terminals turn into a link. */
export const formatSpan = (span: Span): string => `${span.file}:${span.line}:${span.column}`;
