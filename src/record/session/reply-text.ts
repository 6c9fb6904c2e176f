/** Reply lines as the user sees them, which is how a document writes them. */
import type { ByteString } from "../../base/bytes.ts";
import { dumpLines } from "../../base/dump.ts";
import type { Eol } from "../../base/settings.ts";
import type { Dialect } from "../../dialects/dialect.ts";
import { type EndingStyle, writeText } from "../../write/line-text.ts";
import { isText } from "../wording.ts";

export class ReplyText {
  readonly #ending: EndingStyle;

  constructor(eol: Eol | undefined, { responses }: Dialect) {
    this.#ending = responses?.freeEndings ? "free" : (eol ?? "any");
  }

  of(lines: readonly ByteString[]): readonly string[] {
    return lines.flatMap((line) =>
      isText(line) ? [writeText(line, "server", this.#ending)] : dumpLines(line, " (hex)"),
    );
  }
}
