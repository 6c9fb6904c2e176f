/** How the messages of a dialect stand in a document: each line as it was heard, or, in http, what matters of it. */
import type { Decoded } from "../dialects/codec.ts";
import type { WordedReply } from "./scene.ts";
import type { Worded, Wording } from "./wording.ts";

/** What was heard of one message. */
export type Heard = readonly Pick<Decoded, "lines" | "part">[];

export interface Portrait {
  /** Client lines. A text: why the request cannot be written in this dialect. */
  request(heard: Heard): readonly Worded[] | string;
  /** Reply lines; none for a message that a document passes over. @param isBegun whether an earlier part of it was told. */
  response(heard: Heard, isBegun: boolean): readonly WordedReply[];
  /** Reply lines for a message whose body is not known. */
  head(heard: Heard): readonly WordedReply[];
}

/** Every line as it was heard. */
export class PlainPortrait implements Portrait {
  readonly #wording: Wording;

  constructor(wording: Wording) {
    this.#wording = wording;
  }

  request(heard: Heard): readonly Worded[] {
    return heard.flatMap(({ lines }) => lines.map((line) => this.#wording.client(line)));
  }

  response(heard: Heard): readonly WordedReply[] {
    return this.head(heard);
  }

  head(heard: Heard): readonly WordedReply[] {
    return heard.flatMap(({ lines }) => lines.map((line) => this.#wording.reply(line)));
  }
}
