/**
 * Paths: `/`, or one or more `/name`. Strings hold one character for each byte of the wire, so that what is not legal
 * can still be told byte by byte; a legal path is ASCII.
 */

/** The longest path and glob, in bytes. Each level costs a node of the tree in every change below it. */
export const LONGEST_PATH = 4096;

const LEGAL_PATH = /^(?:\/|(?:\/[A-Za-z0-9.-]+)+)$/;
const LEGAL_GLOB = /^(?:\/|(?:\/[A-Za-z0-9.*?-]+)+)$/;

export const isLegalPath = (path: string): boolean => path.length <= LONGEST_PATH && LEGAL_PATH.test(path);
export const isLegalGlob = (glob: string): boolean => glob.length <= LONGEST_PATH && LEGAL_GLOB.test(glob);

/** Where failed writes are told. */
export const ERROR_PATH = "/ctl/err";
export const ERROR_TEXTS = {
  REV_MISMATCH: "rev mismatch",
  NOTDIR: "not a directory",
  ISDIR: "is a directory",
} as const;
