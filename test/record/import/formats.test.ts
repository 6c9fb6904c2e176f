import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WiredocError } from "../../../src/base/error.ts";
import { builtins } from "../../../src/builtins.ts";
import { withoutFile } from "../../../src/plan/config/config.ts";
import { planDocument } from "../../../src/plan/document.ts";
import { Permissions } from "../../../src/plan/permissions.ts";
import { DocumentText } from "../../../src/record/document-file.ts";
import { feed } from "../../../src/record/import/feed.ts";
import { readRecording } from "../../../src/record/import/formats.ts";
import { chooseServer } from "../../../src/record/import/server.ts";
import { Recorder } from "../../../src/record/recorder.ts";
import { settingOf } from "../../../src/record/setting.ts";
import { SAMPLES } from "./samples.ts";
import { told } from "./told.ts";

const read = (bytes: Uint8Array) =>
  readRecording({ path: undefined, file: "recording", bytes }, new AbortController().signal);
const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

const options = { allow: { unix: [], env: [] } };
const config = withoutFile(import.meta.dirname);
const permissions = new Permissions(options, config);
const PLAN = { cwd: import.meta.dirname, options, config, registry: builtins, permissions, needTarget: false };

/** The document of a recording. */
async function documentOf(bytes: Uint8Array): Promise<string> {
  const none = { config: undefined, timeout: undefined, settle: undefined, limit: undefined, cwd: import.meta.dirname };
  const chosen = chooseServer("recording", await read(bytes), { target: undefined, dialect: undefined });
  const sink = new DocumentText(true);
  const setting = await settingOf({ ...none, target: chosen.target, dialect: chosen.dialect }, builtins);
  feed(chosen.conversations, new Recorder(setting, sink, () => {}));
  return sink.text;
}

describe("a recording", () => {
  it.each(Object.entries(SAMPLES))("is recognised by its content: %s", async (_, text) => {
    const recording = await read(latin1(text));
    expect(recording.conversations).toHaveLength(1);
    expect(told(await read(latin1(`\xef\xbb\xbf${text}`)))).toEqual(told(recording));
    expect(told(await read(Buffer.from(`\ufeff${text}`, "utf16le")))).toEqual(told(recording));
  });

  it.each([
    ["", "the file is empty"],
    ["hello\n", "no known recording; looked for what curl -v"],
    ["\x1f\x8b\x08\0", "gunzip"],
    ["\n\r\r\n", "from a file only"],
    ["* Trying 127.0.0.1:1...\n* connect failed\n", "there is no conversation in it"],
  ])("is refused: %j", async (text, message) => {
    await expect(read(latin1(text))).rejects.toThrow(
      expect.objectContaining({ code: "bad-recording", message: expect.stringContaining(message) }),
    );
  });

  it("becomes a document or a mistake, whatever is wrong with it", async () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(...Object.values(SAMPLES)),
        fc.array(fc.tuple(fc.nat(1000), fc.nat(30), fc.string({ unit: "binary", maxLength: 20 })), { maxLength: 4 }),
      )
      .map(([text, edits]) =>
        edits.reduce((all, [at, count, put]) => {
          const from = at % (all.length + 1);
          return all.slice(0, from) + put + all.slice(from + count);
        }, text),
      );
    await fc.assert(
      fc.asyncProperty(damaged, async (text) => {
        try {
          const document = await documentOf(Buffer.from(text));
          const { errors } = await planDocument({ path: "a.md", text: document, mistakes: [] }, undefined, PLAN);
          expect(errors).toEqual([]);
        } catch (error) {
          expect(error).toBeInstanceOf(WiredocError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
