import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { protocolOf } from "../../../src/dialects/protobuf/options.ts";
import { replay } from "../../support/replay.ts";
import { DOOZER_PROTO, hex, receive, send, speaking } from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "wiredoc-proto-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "sub"), { recursive: true });
});
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

/** What is wrong with the options: `option: message`, in which the folder is `~`. */
const complaint = (options: Record<string, string>): Promise<string> =>
  protocolOf(options).then(
    () => "",
    (error: Error & { option?: string }) => `${error.option}: ${error.message.replaceAll(folder, "~")}`,
  );

const SCHEMAS = dirname(DOOZER_PROTO);
const NO_CONFIG = { documents: [], defaults: {}, servers: {}, vars: {}, dialects: [] };

describe("a mistake in a .proto file", () => {
  it.each<[string, string, string]>([
    ["a missing number", "message M {\n  optional int32 a = ;\n}\n", "~/a.proto:2: illegal id ';'"],
    ["no label", "message M {\n  int32 a = 1;\n}\n", "~/a.proto:2: illegal token 'int32'"],
    [
      "an unknown type",
      'syntax = "proto3";\n// Foo\nmessage M {\n  Foo a = 1;\n}\n',
      "~/a.proto:4: no such Type or Enum 'Foo' in Type .M",
    ],
    [
      "a number twice",
      "message M {\n  optional int32 a = 1;\n\n  optional int32 b = 1;\n}\n",
      "~/a.proto:4: duplicate id 1 in Type M",
    ],
    [
      "a name twice",
      "message M {\n  optional int32 a = 1;\n  optional int32 a = 2;\n}\n",
      "~/a.proto:3: duplicate name 'a' in Type M",
    ],
    ["no end", "message M {\n", "~/a.proto:2: the file ends too early"],
    ["something else", "hello\n", "~/a.proto:1: illegal token 'hello'"],
    [
      "a missing import",
      'syntax = "proto3";\nimport "sub/b.proto";\n',
      '~/a.proto:2: "sub/b.proto" cannot be imported: there is no such file in ~',
    ],
    [
      "an unknown extendee",
      'syntax = "proto2";\n\nextend Foo {\n  optional int32 a = 1;\n}\n',
      "~/a.proto:3: unresolvable extensions: 'extend Foo' in ",
    ],
  ])("%s", async (_name, text, message) => {
    expect(await complaint({ schema: write("a.proto", text), request: "M", response: "M" })).toBe(`schema: ${message}`);
  });

  it("is named with the file that was imported", async () => {
    write("sub/b.proto", "message N {\n  oops\n}\n");
    const schema = write("a.proto", 'syntax = "proto3";\nimport "sub/b.proto";\nmessage M { N n = 1; }\n');
    expect(await complaint({ schema, request: "M", response: "M" })).toMatch(
      /^schema: ~\/sub\/b.proto:[23]: illegal token/,
    );
  });
});

describe("imports", () => {
  it("are of files within the folder that the document may name", async () => {
    write("out.proto", "message N {}\n");
    write("sub/a.proto", 'import "../out.proto";\nmessage M {}\n');
    write("sub/b.proto", 'import "/dev/zero";\nmessage M {}\n');
    const complain = (name: string): Promise<unknown> =>
      protocolOf({ schema: join(folder, "sub", name), request: "M", response: "M" }, join(folder, "sub"));
    await expect(complain("a.proto")).rejects.toThrow(
      /^\.\.\/out\.proto cannot be read: a document may only name files in /,
    );
    await expect(complain("b.proto")).rejects.toThrow(/\/dev\/zero/);
  });

  it("are found beside the file that imports, or beside the schema", async () => {
    write(
      "sub/b.proto",
      'syntax = "proto3";\nimport "c.proto";\nimport "sub/d.proto";\nmessage B { C c = 1; D d = 2; }\n',
    );
    write("sub/c.proto", 'syntax = "proto3";\nimport public "b.proto";\nmessage C {}\n');
    write("sub/d.proto", 'syntax = "proto3";\nmessage D {}\n');
    const schema = write("a.proto", 'syntax = "proto3";\nimport "sub/b.proto";\nmessage A { B b = 1; }\n');
    expect(await complaint({ schema, request: "A", response: "D" })).toBe("");
  });

  it.each(["any", "duration", "timestamp", "empty", "struct", "wrappers", "field_mask", "descriptor", "api", "type"])(
    "may be google/protobuf/%s.proto",
    async (name) => {
      const text = `syntax = "proto3";\nimport "google/protobuf/${name}.proto";\nmessage M {}\n`;
      expect(await complaint({ schema: write("a.proto", text), request: "M", response: "M" })).toBe("");
    },
  );
});

it.each([
  ["struct", "Value", 'struct_value { fields { key: "a" value { number_value: 1.5 } } }'],
  ["struct", "Value", "null_value: NULL_VALUE"],
  ["type", "Field", 'type_url: "x" oneof_index: 1'],
  ["source_context", "SourceContext", 'file_name: "x"'],
])("names of fields in google/protobuf/%s.proto are those of that file", async (name, type, line) => {
  const schema = write("a.proto", `syntax = "proto3";\nimport "google/protobuf/${name}.proto";\n`);
  const message = `google.protobuf.${type}`;
  const codec = (await speaking({ schema, request: message, response: message }))();
  expect(receive(codec, [hex(send(codec, [line]))])).toEqual([line]);
});

describe("a mistake in the options", () => {
  const doozer = { schema: DOOZER_PROTO, request: "Request", response: "server.Response" };
  it.each<[Record<string, string>, string]>([
    [{}, ""],
    [{ tag: "tag", verb: "verb" }, ""],
    [{ schema: "/nowhere/x.proto" }, "schema: /nowhere/x.proto cannot be read: there is no such file"],
    [{ schema: folder }, "schema: ~ cannot be read: it is a folder, not a file"],
    [{ request: "Reqest" }, `request: the schema has no message type "Reqest" (did you mean "Request"?)`],
    [
      { response: "Foo" },
      `response: the schema has no message type "Foo"; the schema has server.Request, server.Response`,
    ],
    [
      { request: "Verb" },
      `request: the schema has no message type "Verb"; the schema has server.Request, server.Response`,
    ],
    [{ tag: "tga" }, `tag: the message server.Request has no field "tga" (did you mean "tag"?)`],
    [{ tag: "offset" }, `tag: the message server.Response has no field "offset"`],
    [{ tag: "path" }, "tag: a tag is an integer; path of server.Request is none"],
    [{ verb: "tag" }, "verb: a verb is one value of an enum; tag of server.Request is none"],
    [{ verb: "vreb" }, `verb: the message server.Request has no field "vreb" (did you mean "verb"?)`],
  ])("%j", async (options, message) => expect(await complaint({ ...doozer, ...options })).toBe(message));

  it("is a name that two types have, or none at all", async () => {
    const schema = write("a.proto", "package p; message A { message X {} } message B { message X {} }");
    expect(await complaint({ schema, request: "X", response: "A" })).toBe(
      `request: "X" may be "p.A.X" or "p.B.X"; write the whole name`,
    );
    expect(await complaint({ schema, response: "A" })).toBe(
      `request: "request" is missing: the message type that client lines are of; the schema has p.A, p.A.X, p.B, p.B.X`,
    );
  });

  it.each<[string, string]>([
    ["", "3:10: the dialect protobuf needs a schema"],
    ["protobuf: {request: A}\n", "4:11: the dialect protobuf needs a schema"],
    ["protobuf: {schema: x.proto, request: A}\n", "4:12: "],
    [
      `protobuf:\n  schema: ${DOOZER_PROTO}\n  request: Request\n  response: Response\n  tag: path\n`,
      "8:3: a tag is an integer",
    ],
    [
      "protobuf: {schema: x.proto, framing: uint16}\n",
      `4:29: "framing" takes "varint", "uint32be" or "uint32le", not "uint16"`,
    ],
    ["protobuf: {schem: x.proto}\n", `4:12: unknown option "schem" (did you mean "schema"?)`],
  ])("has its place in the document: %j", async (settings, message) => {
    const { documents, exitCode } = await replay(
      `---\ntarget: tcp://127.0.0.1:9\ndialect: protobuf\n${settings}---\n\`\`\`wire\n>>> a: 1\n\`\`\`\n`,
      { config: { ...NO_CONFIG, path: join(SCHEMAS, "wiredoc.config.yaml"), folder: SCHEMAS } },
    );
    expect(exitCode).toBe(2);
    expect(documents[0]?.errors.map(({ line, column, message }) => `${line}:${column}: ${message}`)).toEqual([
      expect.stringContaining(message),
    ]);
  });
});
