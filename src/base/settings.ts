/** How a sent line ends, and how a received line has to end. */
export type Eol = "crlf" | "lf" | "any";

/** Options of TLS: `ca` is the path of a PEM file, from the document's folder. */
export interface TlsOptions {
  readonly ca?: string;
  readonly servername?: string;
  readonly insecure?: boolean;
}

/** Options of a dialect by their names, as its {@link OptionSchema} allows them. */
export type DialectOptions = Readonly<Record<string, boolean | string>>;

/**
 * The options that a dialect takes in front matter: `"boolean"`, a `"text"`, the `"path"` of a file (from the document's
 * folder, passed on as an absolute path), or the words allowed.
 */
export type OptionSchema = Readonly<Record<string, "boolean" | "text" | "path" | readonly string[]>>;
