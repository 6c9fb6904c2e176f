import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Change, Engine, File, Refusal } from "../../src/store/engine.ts";

export interface EngineCase {
  readonly name: string;
  /** An engine over a store in which nobody else writes; what others wrote before may be there. */
  create(options: { readonly history: number }): Promise<Engine>;
}

const CLOBBER = -1;
/** How long nothing has to happen to be taken for never. In milliseconds. */
const SILENCE = 100;
const never = (): AbortSignal => new AbortController().signal;
const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (value: Uint8Array): string => Buffer.from(value).toString();

/** A file or a change with its value as text. */
const shown = <T>(result: T): unknown =>
  typeof result === "object" && result !== null && "value" in result
    ? { ...result, value: text(result.value as Uint8Array) }
    : result;
/** A file's own properties: an engine may give more of what it has. */
function shownFile(result: File | Refusal): unknown {
  if (typeof result === "string") return result;
  const { path, revision, value } = result;
  return { path, revision, value: text(value) };
}

/** What every engine does, whatever keeps its files. Revisions are those that it gave. */
export function engineContract({ name, create }: EngineCase): void {
  describe(`engine ${name}`, () => {
    let engine: Engine;
    let top: string;
    let tests = 0;
    beforeAll(async () => {
      engine = await create({ history: 2000 });
    });
    afterAll(() => engine.close());
    beforeEach(() => {
      top = `/t${++tests}-${Date.now()}`;
    });

    const now = async (): Promise<number> => engine.revision();
    const set = async (path: string, value: string, revision = CLOBBER) =>
      engine.set(`${top}${path}`, bytes(value), revision);
    /** A set that succeeds. @returns its revision. */
    const put = async (path: string, value = "x", revision = CLOBBER): Promise<number> => {
      const result = await set(path, value, revision);
      expect(result).toBeTypeOf("number");
      return result as number;
    };
    const del = async (path: string, revision = CLOBBER) => engine.del(`${top}${path}`, revision);
    const get = async (path: string, at?: number) => shownFile(await engine.get(`${top}${path}`, at, never()));
    const stat = async (path: string, at?: number) => engine.stat(`${top}${path}`, at, never());
    const entry = async (path: string, offset: number, at?: number) =>
      engine.entry(`${top}${path}`, offset, at, never());
    const wait = async (glob: string, from: number, signal = never()) =>
      shown(await engine.wait(`${top}${glob}`, from, signal)) as Change;
    const entries = async (path: string): Promise<readonly string[]> => {
      const found: string[] = [];
      for (;;) {
        const result = await entry(path, found.length);
        if (typeof result === "string") {
          expect(result).toBe("RANGE");
          return found;
        }
        found.push(result.name);
      }
    };
    const walk = async (glob: string, at?: number): Promise<readonly string[]> => {
      const found: string[] = [];
      for (;;) {
        const result = await engine.walk(`${top}${glob}`, found.length, at, never());
        if (typeof result === "string") {
          expect(result).toBe("RANGE");
          return found;
        }
        found.push(result.path.slice(top.length));
      }
    };
    const failure = async () => shownFile(await engine.get("/ctl/err", undefined, never()));

    describe("set", () => {
      test("gives the next revision, which is the file's", async () => {
        const before = await now();
        const revision = await put("/a", "one", 0);
        expect(revision).toBe(before + 1);
        expect(await now()).toBe(revision);
        expect(await get("/a")).toEqual({ path: `${top}/a`, revision, value: "one" });
      });

      test("succeeds where the revision is not below the file's", async () => {
        const first = await put("/a", "1", 0);
        const second = await put("/a", "2", first);
        await put("/b");
        const third = await put("/a", "3", second + 1);
        expect(await set("/a", "4", third - 1)).toBe("REV_MISMATCH");
        expect(await set("/a", "4", 0)).toBe("REV_MISMATCH");
        await put("/a", "5", Number.MAX_SAFE_INTEGER);
        await put("/a", "6", CLOBBER);
        await put("/new", "7", 999_999_999);
        expect(await get("/a")).toMatchObject({ value: "6" });
      });

      test("takes no revision below -1 but for what it means for a directory", async () => {
        expect(await set("/a", "x", -2)).toBe("REV_MISMATCH");
        expect(await set("/a", "x", Number.MIN_SAFE_INTEGER)).toBe("REV_MISMATCH");
        await put("/d/f");
        expect(await set("/d", "x", -3)).toBe("REV_MISMATCH");
        for (const revision of [-2, CLOBBER, 0, Number.MAX_SAFE_INTEGER])
          expect(await set("/d", "x", revision)).toBe("ISDIR");
        expect(await engine.set("/", bytes("x"), CLOBBER)).toBe("ISDIR");
      });

      test("does not pass through a file, whatever the revision", async () => {
        await put("/a");
        for (const revision of [-3, CLOBBER, 0, 5]) expect(await set("/a/b", "x", revision)).toBe("NOTDIR");
        expect(await set("/a/b/c/d", "x", CLOBBER)).toBe("NOTDIR");
        expect(await stat("/a/b")).toEqual({ kind: "missing" });
      });

      test("keeps bytes as they are", async () => {
        for (const value of [Buffer.alloc(0), Buffer.from("00ff0a3d3ac328", "hex"), Buffer.alloc(100_000, 7)]) {
          await engine.set(`${top}/bytes`, value, CLOBBER);
          const file = (await engine.get(`${top}/bytes`, undefined, never())) as File;
          expect(Buffer.compare(value, file.value)).toBe(0);
        }
      });

      test("names that begin alike are of no concern to each other", async () => {
        await put("/dd");
        await put("/d.x");
        await put("/d-x/y");
        await put("/d", "1", 0);
        await put("/d", "2");
        expect(await entries("")).toEqual(["d", "d-x", "d.x", "dd"]);
      });
    });

    describe("del", () => {
      test("removes the file, and the directories that it leaves empty", async () => {
        await put("/keep");
        const revision = await put("/d/e/f");
        expect(await del("/d/e/f", revision - 1)).toBe("REV_MISMATCH");
        const deleted = await del("/d/e/f", revision);
        expect(deleted).toBe((await now()) as number);
        expect(await get("/d/e/f")).toEqual({ path: `${top}/d/e/f`, revision: 0, value: "" });
        expect(await stat("/d")).toEqual({ kind: "missing" });
        expect(await entries("")).toEqual(["keep"]);
        expect(await get("/d/e/f", revision)).toMatchObject({ revision, value: "x" });
      });

      test("of what is missing succeeds, takes a revision and is told", async () => {
        const before = await now();
        for (const revision of [0, CLOBBER, 5]) expect(await del("/none", revision)).toBeTypeOf("number");
        expect(await del("/none", -2)).toBe("REV_MISMATCH");
        expect(await now()).toBe(before + 4);
        expect(await wait("/none", before + 2)).toEqual({
          kind: "del",
          revision: before + 2,
          path: `${top}/none`,
          value: "",
        });
      });

      test("removes no directory", async () => {
        await put("/d/f");
        for (const revision of [-2, CLOBBER, 0, 5]) expect(await del("/d", revision)).toBe("ISDIR");
        expect(await del("/d", -3)).toBe("REV_MISMATCH");
        expect(await engine.del("/", CLOBBER)).toBe("ISDIR");
      });

      test("below a file removes the file, and is told of where it was asked for", async () => {
        await put("/m/n");
        await put("/m/o");
        const revision = await del("/m/n/p/q", 0);
        expect(revision).toBeTypeOf("number");
        expect(await stat("/m/n")).toEqual({ kind: "missing" });
        expect(await entries("/m")).toEqual(["o"]);
        expect(await wait("/**", revision as number)).toMatchObject({ kind: "del", revision, path: `${top}/m/n/p/q` });
      });
    });

    describe("what fails", () => {
      test("takes a revision and is told in /ctl/err", async () => {
        await put("/a");
        await put("/d/f");
        for (const [write, refusal, told] of [
          [() => set("/a", "y", 0), "REV_MISMATCH", "rev mismatch"],
          [() => set("/a/b", "y", 0), "NOTDIR", "not a directory"],
          [() => set("/d", "y", 0), "ISDIR", "is a directory"],
          [() => del("/a", 0), "REV_MISMATCH", "rev mismatch"],
          [() => del("/d", 0), "ISDIR", "is a directory"],
        ] as const) {
          const before = await now();
          expect(await write()).toBe(refusal);
          expect(await now()).toBe(before + 1);
          expect(await failure()).toEqual({ path: "/ctl/err", revision: before + 1, value: told });
          expect(shown(await engine.wait("/**", before + 1, never()))).toEqual({
            kind: "set",
            revision: before + 1,
            path: "/ctl/err",
            value: told,
          });
        }
      });

      test("can be told whatever clients do around /ctl/err", async () => {
        await put("/a");
        expect(await engine.del("/ctl/err", CLOBBER)).toBeTypeOf("number");
        expect(await engine.set("/ctl/err/x", bytes("in the way"), CLOBBER)).toBe("NOTDIR");
        expect(await engine.set("/ctl", bytes("in the way"), CLOBBER)).toBe("ISDIR");
        expect(await set("/a", "y", 0)).toBe("REV_MISMATCH");
        expect(await failure()).toMatchObject({ value: "rev mismatch" });
      });
    });

    test("nop takes a revision and changes nothing", async () => {
      const before = await put("/a");
      expect(await engine.nop()).toBe(before + 1);
      const nop = { kind: "nop", revision: before + 1, path: "/", value: "" };
      for (const glob of ["/", "/*", "/**"]) expect(shown(await engine.wait(glob, before + 1, never()))).toEqual(nop);
      expect(await get("/a", before + 1)).toMatchObject({ revision: before });
    });

    describe("reading", () => {
      test("stat tells files, directories and what is missing", async () => {
        const revision = await put("/d/f", "12345");
        await put("/d/g/h");
        expect(await stat("/d/f")).toEqual({ kind: "file", revision, bytes: 5 });
        expect(await stat("/d")).toEqual({ kind: "directory", entries: 2 });
        expect(await stat("/none")).toEqual({ kind: "missing" });
        expect(await stat("/d/f/below")).toEqual({ kind: "missing" });
      });

      test("get of a directory is refused", async () => {
        await put("/d/e/f");
        expect(await get("/d")).toBe("ISDIR");
        expect(await get("/d/e")).toBe("ISDIR");
        expect(await engine.get("/", undefined, never())).toBe("ISDIR");
        expect(await get("/d/e/f/below")).toMatchObject({ revision: 0, value: "" });
      });

      test("entries come in byte order", async () => {
        for (const name of ["b", "c", "a", "z", "B", "10", "9", "a.b", "a-b", "sub/x", "."]) await put(`/g/${name}`);
        expect(await entries("/g")).toEqual([".", "10", "9", "B", "a", "a-b", "a.b", "b", "c", "sub", "z"]);
        expect(await entry("/g", -1)).toBe("RANGE");
        expect(await entry("/g/a", 0)).toBe("NOTDIR");
        expect(await entry("/g/a", 99)).toBe("NOTDIR");
        expect(await entry("/g/a/below", 0)).toBe("NOENT");
        expect(await entry("/none", 0)).toBe("NOENT");
      });

      test("walk goes by path, name by name", async () => {
        const names = ["/w/aa", "/w/a/x", "/w/a0", "/w/a.b", "/w/A", "/w/a-b"];
        for (const path of names) await put(path, path);
        expect(await walk("/w/**")).toEqual(["/w/A", "/w/a/x", "/w/a-b", "/w/a.b", "/w/a0", "/w/aa"]);
        expect(await walk("/w/*")).toEqual(["/w/A", "/w/a-b", "/w/a.b", "/w/a0", "/w/aa"]);
        expect(await walk("/w/a")).toEqual([]);
        expect(await walk("/w/aa")).toEqual(["/w/aa"]);
        expect(shown(await engine.walk(`${top}/w/**`, 1, undefined, never()))).toMatchObject({
          path: `${top}/w/a/x`,
          value: "/w/a/x",
        });
      });

      test.each([
        ["/**", ["/-", "/a/b/c", "/a/b/d.e", "/a/x", "/a.b", "/aXb", "/ab", "/x", "/y/x"]],
        ["/*", ["/-", "/a.b", "/aXb", "/ab", "/x"]],
        ["/?", ["/-", "/x"]],
        ["/a**", ["/a/b/c", "/a/b/d.e", "/a/x", "/a.b", "/aXb", "/ab"]],
        ["/**/x", ["/a/x", "/y/x"]],
        ["/a/?/?", ["/a/b/c"]],
        ["/a?b", ["/a.b", "/aXb"]],
        ["/**.e", ["/a/b/d.e"]],
      ])("the glob %s", async (glob, expected) => {
        for (const path of ["/a/b/c", "/a/b/d.e", "/a/x", "/ab", "/a.b", "/aXb", "/x", "/y/x", "/-"]) await put(path);
        expect(await walk(glob)).toEqual(expected);
      });

      test("goes back to every revision that is kept", async () => {
        const created = await put("/a", "one");
        const other = await put("/b/c", "other");
        const changed = await put("/a", "two");
        const deleted = (await del("/a")) as number;
        expect(await get("/a", created - 1)).toMatchObject({ revision: 0 });
        expect(await get("/a", created)).toMatchObject({ revision: created, value: "one" });
        expect(await get("/a", other)).toMatchObject({ revision: created, value: "one" });
        expect(await get("/a", changed)).toMatchObject({ revision: changed, value: "two" });
        expect(await get("/a", deleted)).toMatchObject({ revision: 0 });
        expect(await stat("", created)).toEqual({ kind: "directory", entries: 1 });
        expect(await stat("", changed)).toEqual({ kind: "directory", entries: 2 });
        expect(await entry("", 1, created)).toBe("RANGE");
        expect(await entry("", 1, other)).toEqual(expect.objectContaining({ name: "b" }));
        expect(await walk("/**", changed)).toEqual(["/a", "/b/c"]);
        expect(await walk("/**", deleted)).toEqual(["/b/c"]);
      });

      test("waits for a revision that is yet to come", async () => {
        const revision = await put("/a", "now");
        let isThere = false;
        const read = get("/a", revision + 2).finally(() => {
          isThere = true;
        });
        const other = stat("/b", revision + 2);
        await new Promise((resolve) => setTimeout(resolve, SILENCE));
        await put("/b", "12");
        await new Promise((resolve) => setTimeout(resolve, SILENCE));
        expect(isThere).toBe(false);
        await put("/a", "then");
        await put("/a", "later");
        expect(await read).toEqual({ path: `${top}/a`, revision: revision + 2, value: "then" });
        expect(await other).toEqual({ kind: "file", revision: revision + 1, bytes: 2 });
      });

      test("for a revision to come ends with its signal", async () => {
        const controller = new AbortController();
        const read = engine.get(`${top}/a`, (await now()) + 1000, controller.signal);
        controller.abort(new Error("gone"));
        await expect(read).rejects.toThrow("gone");
      });
    });

    describe("wait", () => {
      test("gives the first change at or after a revision", async () => {
        const first = await put("/a", "one");
        await put("/b", "other");
        const second = await put("/a", "two");
        expect(await wait("/a", first)).toEqual({ kind: "set", revision: first, path: `${top}/a`, value: "one" });
        expect(await wait("/a", first + 1)).toMatchObject({ revision: second, value: "two" });
        expect(await wait("/*", first + 1)).toMatchObject({ path: `${top}/b` });
      });

      test("waits for one that is yet to come", async () => {
        const revision = await now();
        const changes = [
          wait("/a", revision + 1),
          wait("/*", revision + 1),
          wait("/**", revision + 1),
          wait("/**", revision + 3),
          wait("/d/?", revision + 1),
        ];
        await put("/b/c");
        await put("/a", "two");
        await put("/d/e");
        expect((await Promise.all(changes)).map(({ path }) => path.slice(top.length))).toEqual([
          "/a",
          "/a",
          "/b/c",
          "/d/e",
          "/d/e",
        ]);
      });

      test("tells a del without a value", async () => {
        await put("/a");
        const change = wait("/a", (await now()) + 1);
        const revision = await del("/a");
        expect(await change).toEqual({ kind: "del", revision, path: `${top}/a`, value: "" });
      });

      test("tells every change in order to who asks again each time", async () => {
        const start = (await now()) + 1;
        const seen: string[] = [];
        const watching = (async () => {
          for (let from = start; seen.length < 60; ) {
            const change = await wait("/**", from);
            seen.push(`${change.kind} ${change.path.slice(top.length)} ${change.value}`);
            from = change.revision + 1;
          }
        })();
        const done: string[] = [];
        for (let i = 0; i < 60; i++) {
          if (i % 3 === 2) await del(`/n${i % 5}`);
          else await put(`/n${i % 5}`, `v${i}`);
          done.push(i % 3 === 2 ? `del /n${i % 5} ` : `set /n${i % 5} v${i}`);
        }
        await watching;
        expect(seen).toEqual(done);
      });

      test("ends with its signal", async () => {
        const controller = new AbortController();
        const change = wait("/a", (await now()) + 1, controller.signal);
        await new Promise((resolve) => setTimeout(resolve, SILENCE));
        controller.abort(new Error("gone"));
        await expect(change).rejects.toThrow("gone");
        await expect(wait("/a", (await now()) + 1, AbortSignal.abort(new Error("over")))).rejects.toThrow("over");
        await put("/a");
      });
    });

    test("of writers that compare with the same revision one wins", async () => {
      const revision = await put("/a", "0");
      const results = await Promise.all(Array.from({ length: 8 }, (_, i) => set("/a", `${i}`, revision)));
      expect(results.filter((result) => result === "REV_MISMATCH")).toHaveLength(7);
      const winner = results.findIndex((result) => typeof result === "number");
      expect(await get("/a")).toMatchObject({ revision: results[winner], value: `${winner}` });
      expect(await now()).toBe(revision + 8);
    });
  });

  describe(`engine ${name} with a history of 10`, () => {
    const HISTORY = 10;
    let engine: Engine;
    beforeAll(async () => {
      engine = await create({ history: HISTORY });
    });
    afterAll(() => engine.close());

    test("keeps the last 10 revisions, and forgets older ones", async () => {
      const path = `/h${Date.now()}/a`;
      const revisions: number[] = [];
      for (let i = 0; i < 3 * HISTORY; i++) revisions.push((await engine.set(path, bytes(`${i}`), CLOBBER)) as number);
      const now = revisions.at(-1)!;
      for (const revision of revisions.slice(-HISTORY)) {
        expect(await engine.get(path, revision, never())).toMatchObject({ revision });
        expect(await engine.wait(path, revision, never())).toMatchObject({ revision });
      }
      const old = now - HISTORY;
      await expect.poll(() => engine.get(path, old, never())).toBe("TOO_LATE");
      expect(await engine.stat(path, old, never())).toBe("TOO_LATE");
      expect(await engine.entry("/", 0, old, never())).toBe("TOO_LATE");
      expect(await engine.walk("/**", 0, old, never())).toBe("TOO_LATE");
      expect(await engine.wait("/**", old, never())).toBe("TOO_LATE");
      expect(await engine.get(path, 1, never())).toBe("TOO_LATE");
      expect(await engine.get(path, old + 1, never())).toMatchObject({ revision: old + 1 });
      expect(await engine.wait(path, old + 1, never())).toMatchObject({ revision: old + 1 });
      expect(await engine.get(path, undefined, never())).toMatchObject({ revision: now });
      expect(await engine.set(path, bytes("x"), now)).toBeTypeOf("number");
    });
  });
}
