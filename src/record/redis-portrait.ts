/** Redis as a page tells it: the reply to HELLO, with which many clients begin, numbers the connection. */
import { type Heard, PlainPortrait, type Portrait } from "./portrait.ts";
import type { WordedReply } from "./scene.ts";
import type { Worded, Wording } from "./wording.ts";

/** The protocol's version, which only this reply holds beside a number. */
const VERSION = /^ *\d+[#)] "proto"/;
const FIELD = /^( *\d+# "id" => \(integer\) )\d+$/;
/** In RESP2 a name and its value have lines of their own. */
const NAME = /^ *\d+\) "id"$/;
const VALUE = /^( *\d+\) \(integer\) )\d+$/;

export class RedisPortrait implements Portrait {
  readonly #plain: PlainPortrait;

  constructor(wording: Wording) {
    this.#plain = new PlainPortrait(wording);
  }

  request(heard: Heard): readonly Worded[] {
    return this.#plain.request(heard);
  }

  response(heard: Heard): readonly WordedReply[] {
    return this.head(heard);
  }

  head(heard: Heard): readonly WordedReply[] {
    const lines = this.#plain.head(heard);
    if (!lines.some(({ text }) => VERSION.test(text))) return lines;
    return lines.map((line, i) => {
      const number = NAME.test(lines[i - 1]?.text ?? "") ? VALUE : FIELD;
      return { ...line, text: line.text.replace(number, "$1{{_:int}}") };
    });
  }
}
