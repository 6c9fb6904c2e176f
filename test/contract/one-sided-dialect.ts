/** The suite of the one-sided codecs; it goes with them. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { DialectOptions } from "../../src/base/settings.ts";
import {
  type Codec,
  type Dialect,
  isFramingError,
  isLineError,
  type Message,
  type OutgoingLine,
} from "../../src/dialects/dialect.ts";
import { parseReplyLine } from "../../src/match/pattern.ts";

/** Bytes of a server's, with a unit for each, behind what was asked. */
export interface Conversation {
  readonly name: string;
  readonly asks: readonly string[];
  /** The reply lines that are written; they matter where a dialect without framing cuts by them. */
  readonly expects?: readonly string[];
  readonly answer: string;
}

export interface DialectCase {
  readonly dialect: Dialect;
  readonly options?: DialectOptions;
  /** Answers as servers send them. */
  readonly conversations: readonly Conversation[];
  /** Answers that break the framing, and what is said of them; none in a dialect that has no framing. */
  readonly broken: readonly (Conversation & { readonly message: RegExp })[];
  /** Pieces to make random client lines and answers of, beside random ones. */
  readonly pieces: { readonly asks: readonly string[]; readonly answers: readonly string[] };
  /** Client lines that can be sent only as they are meant are mistakes otherwise. */
  readonly hasMistakes: boolean;
}

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

const outgoing = (lines: readonly string[]): readonly OutgoingLine[] =>
  lines.map((bytes, i) => ({ bytes, ending: "\r\n", endingWritten: false, line: i + 1, column: 5 }));

/** What was decoded, however it was cut: the text of each part, `|` where a message is complete, and the mistake. */
type Outcome = readonly string[];

function outcomeOf(messages: readonly Message[], mistake: string | undefined): Outcome {
  const outcome: string[] = [];
  let part: string | undefined;
  for (const message of messages) {
    const text = message.lines.join("");
    if (text !== "" && message.part === part) outcome[outcome.length - 1] += text;
    else if (text !== "") outcome.push(`${message.part}: ${text}`);
    if (text !== "") part = message.part;
    if (!message.complete) continue;
    outcome.push("|");
    part = undefined;
  }
  return mistake === undefined ? outcome : [...outcome, `! ${mistake}`];
}

/** What every dialect's codecs do. Run against each of them. */
export function describeDialect(name: string, subject: DialectCase): void {
  const { dialect, conversations, broken, pieces } = subject;

  const open = (): Codec =>
    dialect.createCodec("client", { eol: "crlf", limit: 1_000_000, host: "localhost", options: subject.options ?? {} });

  function ask(codec: Codec, { asks, expects = [] }: Conversation): Codec {
    const suffix = dialect.suffix;
    const written = expects.map((text, i) => parseReplyLine({ text, line: i + 1, column: 1, marked: false }, suffix));
    codec.begin({ sends: outgoing(asks), expects: written });
    return codec;
  }

  /** Decodes in pieces of these sizes, the last one again and again, up to the hang-up. */
  function decode(codec: Codec, bytes: Uint8Array, sizes: readonly number[]): Outcome {
    const messages: Message[] = [];
    try {
      let at = 0;
      for (let i = 0; at < bytes.length; i++) {
        const size = sizes[Math.min(i, sizes.length - 1)]!;
        messages.push(...codec.decode(bytes.subarray(at, at + size)));
        at += size;
      }
      messages.push(...codec.end(true));
    } catch (error) {
      if (!isFramingError(error)) throw error;
      return outcomeOf([...messages, ...error.messages], error.message);
    }
    return outcomeOf(messages, undefined);
  }

  const whole = (
    conversation: Conversation,
    bytes: Uint8Array = latin1(conversation.answer),
    _limit?: number,
  ): Outcome => decode(ask(open(), conversation), bytes, [Math.max(bytes.length, 1)]);

  const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 });
  const answers = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc
      .array(fc.oneof(fc.constantFrom("\r\n", "\n", "\r", "0", "1", " "), fc.constantFrom(...pieces.answers)), {
        maxLength: 25,
      })
      .map((all) => latin1(all.join(""))),
    fc
      .tuple(fc.constantFrom(...conversations), fc.nat(), fc.uint8Array({ maxLength: 3 }))
      .map(([{ answer }, place, bytes]) => {
        const at = place % (answer.length + 1);
        return Buffer.concat([latin1(answer.slice(0, at)), bytes, latin1(answer.slice(at + bytes.length))]);
      }),
  );

  describe(name, () => {
    beforeAll(() => dialect.load?.(subject.options ?? {}));

    test.each(conversations.map((one) => [one.name, one] as const))(
      "%s: bytes may come in any pieces",
      (_name, one) => {
        const outcome = whole(one);
        expect(outcome.some((part) => part.startsWith("!"))).toBe(false);
        expect(decode(ask(open(), one), latin1(one.answer), [1])).toEqual(outcome);
        fc.assert(
          fc.property(sizes, (cut) => {
            expect(decode(ask(open(), one), latin1(one.answer), cut)).toEqual(outcome);
          }),
          { numRuns: 50 },
        );
      },
    );

    test.each(broken.map((one) => [one.name, one] as const))(
      "%s: breaks the framing, at once and for good",
      (_name, one) => {
        const outcome = whole(one);
        expect(outcome.at(-1)).toMatch(one.message);
        expect(decode(ask(open(), one), latin1(one.answer), [1])).toEqual(outcome);
        const codec = ask(open(), one);
        expect(() => codec.decode(latin1(one.answer))).toThrow();
        expect(() => codec.decode(latin1("x"))).toThrow(expect.objectContaining({ name: "FramingError" }));
      },
    );

    test("any bytes are decoded or break the framing, the same in any pieces", () => {
      fc.assert(
        fc.property(fc.constantFrom(...conversations), answers, sizes, (one, bytes, cut) => {
          expect(withoutRefused(decode(ask(open(), one), bytes, cut))).toEqual(withoutRefused(whole(one, bytes)));
        }),
        { numRuns: 500 },
      );
    });

    test("any client lines become bytes, or are a mistake in one of them", () => {
      const line = fc.oneof(
        fc.string({ maxLength: 20, unit: "grapheme-ascii" }),
        fc
          .array(fc.oneof(fc.constantFrom(...pieces.asks), fc.string({ maxLength: 3 })), { maxLength: 6 })
          .map((all) => all.join("")),
        fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
      );
      let mistakes = 0;
      fc.assert(
        fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
          const sends = outgoing(lines);
          try {
            expect(open().begin({ sends, expects: [] })).toBeInstanceOf(Uint8Array);
          } catch (error) {
            if (!isLineError(error)) throw error;
            mistakes++;
            expect(sends).toContain(error.line);
            expect(error.column).toBeGreaterThanOrEqual(1);
            expect(error.column).toBeLessThanOrEqual(error.line.bytes.length + 1);
            expect(error.message).not.toBe("");
          }
        }),
        { numRuns: 500 },
      );
      expect(mistakes > 0).toBe(subject.hasMistakes);
    });

    test("an exchange without client lines sends nothing", () => {
      expect(open().begin({ sends: [], expects: [] })).toHaveLength(0);
    });

    test("what silence or the end completes is handed out once", () => {
      for (const closed of [true, false]) {
        for (const one of conversations) {
          for (const share of [1, 0.7, 0.3]) {
            const codec = ask(open(), one);
            codec.decode(latin1(one.answer.slice(0, Math.floor(one.answer.length * share))));
            codec.end(closed);
            expect(codec.end(closed)).toEqual([]);
            if (codec.owed !== undefined) expect(codec.owed).toBeGreaterThanOrEqual(0);
          }
        }
      }
    });

    test("connections know nothing of each other", () => {
      for (const one of conversations) {
        const bytes = latin1(one.answer);
        const [first, second] = [ask(open(), one), ask(open(), one)];
        const messages: [Message[], Message[]] = [[], []];
        for (let i = 0; i < bytes.length; i++) {
          messages[0].push(...first.decode(bytes.subarray(i, i + 1)));
          messages[1].push(...second.decode(bytes.subarray(i, i + 1)));
        }
        messages[0].push(...first.end(true));
        messages[1].push(...second.end(true));
        for (const all of messages) expect(outcomeOf(all, undefined)).toEqual(whole(one));
      }
    });
  });
}

/** What breaks the framing may be refused before all of it has come, so it may be shown only in part. */
function withoutRefused(outcome: readonly string[]): readonly string[] {
  if (!outcome.at(-1)?.startsWith("!")) return outcome;
  return outcome.filter((part) => !part.startsWith("cut:")).map((part) => part.replace(/".*"/, '"…"'));
}
