import type { Recording, Source } from "../../../src/record/import/conversation.ts";

export const source = (text: string): Source => ({ file: "recording.txt", text });

/** What was recorded, in short: for each conversation its server, and then what each side says. */
export const told = ({ conversations }: Recording): readonly (readonly (string | undefined)[])[] =>
  conversations.map(({ target, steps }) => [
    target,
    ...steps.map(({ by, bytes, isHeadOnly }) => {
      const mark = by === "client" ? "> " : "< ";
      return bytes === undefined ? `${mark}ends` : `${mark}${bytes}${isHeadOnly ? " and an unknown body" : ""}`;
    }),
  ]);

/** Lines with CRLF after each. */
export const crlf = (...lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join("");
