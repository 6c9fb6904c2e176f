/** What every dialect does in both directions, run against each of them with samples of its own. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { Decoded, Direction, FlushReason, Request } from "../../src/dialects/codec.ts";
import { isLineError } from "../../src/dialects/errors.ts";
import type { Contract, DialectSamples, Way } from "./dialect-samples.ts";
import {
  cutBy,
  eachOnce,
  endOf,
  type Finding,
  findings,
  linesOf,
  listen,
  open,
  readAll,
  type Said,
  say,
  talk,
  written,
} from "./dialect-talk.ts";

const WAYS: readonly Way[] = ["requests", "responses"];
const REASONS: readonly FlushReason[] = ["bytes", "silence", "closed", "broken"];
const WHOLE = [Number.MAX_SAFE_INTEGER];
const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 });
const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
const findingsOf = (decoded: readonly Decoded[]): readonly Finding[] => findings({ decoded, mistake: undefined });
const BYTE = Uint8Array.of(0x78);

export function describeDialect(name: string, samples: DialectSamples): void {
  const { broken, pieces, deviations = {}, blur = (all: readonly Finding[]) => all } = samples;

  /** A test of the contract. One that the dialect deviates from has to fail, or the deviation is over. */
  function contract(what: Contract, run: () => void): void {
    const reason = deviations[what];
    if (reason === undefined) test(what, run);
    else test.fails(`${what} (deviates: ${reason})`, run);
  }

  /** The conversations, once the dialect is loaded. */
  const all = (): readonly (readonly Said[])[] => samples.conversations.map((one) => talk(samples, one));

  /** A place in a conversation: the turns before it were said, `next` is due. */
  interface Place {
    readonly before: readonly Said[];
    readonly next: Said;
  }

  const places = (ways: readonly Way[]): fc.Arbitrary<Place> =>
    fc.constantFrom(
      ...all().flatMap((said) =>
        said.flatMap((next, i) => (ways.includes(next.way) ? [{ before: said.slice(0, i), next }] : [])),
      ),
    );

  /** At a place: random bytes, bytes put together of pieces, and those that are due, cut off or with a few other ones. */
  const hostile = (ways: readonly Way[]): fc.Arbitrary<Place & { readonly bytes: Uint8Array }> =>
    places(ways).chain((place) => {
      const { way, bytes: due } = place.next;
      const piece = fc.constantFrom("\r\n", "\n", "\r", "\0", "0", "1", " ", ...pieces[way]);
      return fc
        .oneof(
          fc.uint8Array({ maxLength: 80 }),
          fc.array(piece, { maxLength: 25 }).map((some) => latin1(some.join(""))),
          fc.nat(due.length).map((length) => due.subarray(0, length)),
          fc
            .tuple(fc.nat(due.length), fc.nat(3), fc.uint8Array({ maxLength: 3 }))
            .map(([at, gone, put]) => Buffer.concat([due.subarray(0, at), put, due.subarray(at + gone)])),
        )
        .map((bytes) => ({ ...place, bytes }));
    });

  describe(name, () => {
    beforeAll(() => samples.dialect.load?.(samples.options ?? {}));

    contract("what one side encodes the other decodes to the same lines", () => {
      for (const { turn, decoded } of all().flat()) {
        const lines = written(turn.decoded ?? turn.lines);
        if (samples.keeps === "bytes")
          expect(decoded.flatMap((one) => one.lines).join("")).toBe(
            lines.map(({ bytes, ending }) => bytes + ending).join(""),
          );
        else expect(linesOf(decoded)).toEqual(lines.map(({ bytes }) => bytes));
      }
    });

    contract("a proxy that decodes both directions agrees", () => {
      for (const said of all()) {
        const proxy = open(samples);
        for (const { turn, way, bytes, decoded, owed } of said) {
          expect([...proxy[way].decode(bytes), ...proxy[way].flush(endOf(turn))]).toEqual(decoded);
          expect([proxy.owed, proxy.owed]).toEqual(owed);
        }
      }
    });

    contract("a request that is decoded is the one that was encoded", () => {
      for (const said of all())
        expect(eachOnce(said.flatMap(({ decoded }) => decoded.flatMap(({ request }) => request ?? [])))).toEqual(
          eachOnce(said.flatMap(({ requests }) => requests)),
        );
    });

    contract("every cut of the bytes gives the same lines and ends", () => {
      for (const said of all()) {
        const read = (sizes: readonly number[]): readonly Finding[] => {
          const proxy = open(samples);
          const turns = said.flatMap(({ way, bytes }) => findings(readAll(proxy[way], cutBy(bytes, sizes))));
          return [...turns, ...WAYS.flatMap((way) => findings(readAll(proxy[way], [], "closed")))];
        };
        const whole = read(WHOLE);
        expect(whole.filter((finding) => finding.startsWith("!"))).toEqual([]);
        expect(read([1])).toEqual(whole);
        fc.assert(
          fc.property(cuts, (sizes) => {
            expect(read(sizes)).toEqual(whole);
          }),
          { numRuns: 50 },
        );
      }
    });

    /** Receives the beginning of what is due. */
    function begin(check: (direction: Direction, prefix: Uint8Array, why: FlushReason) => void): void {
      fc.assert(
        fc.property(places(WAYS), fc.nat(), fc.constantFrom(...REASONS), ({ before, next }, at, why) => {
          const direction = listen(samples, before, next.way)[next.way];
          const prefix = next.bytes.subarray(0, at % (next.bytes.length + 1));
          direction.decode(prefix);
          check(direction, prefix, why);
        }),
        { numRuns: 500 },
      );
    }

    contract("nothing pending means that a flush gives nothing", () =>
      begin((direction, _prefix, why) => {
        const { pending } = direction;
        const { decoded } = readAll(direction, [], why);
        if (pending === "nothing") expect(decoded).toEqual([]);
        if (pending === "line") expect(decoded).not.toEqual([]);
        expect(readAll(direction, [], why).decoded).toEqual([]);
      }),
    );

    contract("what has begun is shown by its first bytes", () =>
      begin((direction, prefix) => {
        if (direction.pending === "nothing") return;
        expect(Buffer.from(prefix).toString("latin1")).toContain(direction.begun.bytes);
      }),
    );

    contract("what a reply names was asked, and it is answered once", () => {
      const check = (before: readonly Said[], bytes: Uint8Array, sizes: readonly number[]): void => {
        const codec = listen(samples, before, "responses");
        const ids = eachOnce(before.flatMap(({ requests }) => requests)).map(({ id }) => id);
        expect(ids).toEqual(ids.map((_, i) => i));
        const awaited = new Set(ids);
        const { decoded } = readAll(codec.responses, cutBy(bytes, sizes), "closed");
        const replies = before.filter(({ way }) => way === "responses").flatMap((one) => one.decoded);
        for (const { to, ends, interim } of [...replies, ...decoded]) {
          if (to !== undefined) expect(awaited).toContain(to);
          if (to !== undefined && ends !== undefined && !interim) awaited.delete(to);
        }
        // More may be owed than is numbered: what answers a SUBSCRIBE is taken as it comes.
        if (codec.owed !== undefined) expect(codec.owed).toBeGreaterThanOrEqual(awaited.size);
      };
      for (const said of all()) check(said, new Uint8Array(0), WHOLE);
      fc.assert(
        fc.property(hostile(["responses"]), cuts, ({ before, bytes }, sizes) => check(before, bytes, sizes)),
        { numRuns: 500 },
      );
    });

    for (const way of WAYS)
      contract(`hostile bytes are decoded or break the framing, the same in any pieces (${way})`, () => {
        fc.assert(
          fc.property(hostile([way]), cuts, ({ before, bytes }, sizes) => {
            const outcomes = [WHOLE, sizes].map((cut) => {
              const direction = listen(samples, before, way)[way];
              const outcome = readAll(direction, cutBy(bytes, cut), "closed");
              const { mistake } = outcome;
              if (mistake !== undefined) expect(readAll(direction, [BYTE])).toEqual({ decoded: [], mistake });
              return blur(findings(outcome));
            });
            expect(outcomes[1]).toEqual(outcomes[0]);
          }),
          { numRuns: 500 },
        );
      });

    test.each(broken.map((one) => [one.name, one] as const))(
      "%s: breaks the framing, at once and for good",
      (_name, { way, after = [], bytes, message, limit }) => {
        for (const sizes of [WHOLE, [1]]) {
          const codec = open(samples, limit);
          for (const turn of after) say(codec, turn);
          const { mistake } = readAll(codec[way], cutBy(latin1(bytes), sizes));
          expect(mistake).toMatch(message);
          expect(readAll(codec[way], [BYTE])).toEqual({ decoded: [], mistake });
        }
      },
    );

    for (const way of WAYS)
      contract(`any lines become bytes, or are a mistake in one of them (${way})`, () => {
        const piece = fc.oneof(fc.constantFrom(...pieces.lines[way]), fc.string({ maxLength: 3 }));
        const text = fc.oneof(
          fc.string({ maxLength: 20, unit: "grapheme-ascii" }),
          fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
          fc.array(piece, { maxLength: 6 }).map((some) => some.join("")),
        );
        let mistakes = 0;
        fc.assert(
          fc.property(fc.array(text, { maxLength: 4 }), (texts) => {
            const lines = written(texts);
            try {
              const encoded = open(samples)[way].encode(lines);
              expect(encoded.withheld ?? encoded.bytes).toSatisfy(
                (one) => one instanceof Uint8Array || (typeof one === "string" && one !== ""),
              );
            } catch (error) {
              if (!isLineError(error)) throw error;
              mistakes++;
              expect(lines).toContain(error.line);
              expect(error.column).toBeGreaterThanOrEqual(1);
              expect(error.column).toBeLessThanOrEqual(error.line.bytes.length + 1);
              expect(error.message).not.toBe("");
            }
          }),
          { numRuns: 500 },
        );
        expect(mistakes > 0).toBe(samples.hasMistakes);
      });

    contract("no lines are no bytes and no request", () => {
      for (const way of WAYS) {
        const { bytes, requests } = open(samples)[way].encode([]) as { bytes: Uint8Array; requests: Request[] };
        expect([bytes.length, requests]).toEqual([0, []]);
      }
    });

    contract("connections know nothing of each other", () => {
      for (const said of all()) {
        const proxies = [open(samples), open(samples)];
        for (const { turn, way, bytes, decoded } of said) {
          const found = proxies.map((): Decoded[] => []);
          for (const byte of bytes)
            for (const [i, proxy] of proxies.entries()) found[i]!.push(...proxy[way].decode(Uint8Array.of(byte)));
          for (const [i, proxy] of proxies.entries())
            expect(findingsOf([...found[i]!, ...proxy[way].flush(endOf(turn))])).toEqual(findingsOf(decoded));
        }
      }
    });
  });
}
