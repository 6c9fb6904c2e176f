import { describe, expect, it } from "vitest";
import { NOTHING_CAPTURED } from "../../src/match/captures.ts";
import { layOutJson } from "../../src/match/json-layout.ts";
import { parseJson, parseJsonTemplate } from "../../src/match/json-reader.ts";

/** Rows, `-` and `+` where they differ, and what is told to differ. */
function layOut(written: string, came: string, values: Readonly<Record<string, string>> = {}) {
  const scope = { get: (name: string) => values[name] };
  const { rows, mismatches } = layOutJson(parseJsonTemplate(written, 1), parseJson(came)!, scope, NOTHING_CAPTURED);
  const lines = rows.flatMap(({ expected, received }) =>
    expected === received
      ? [`  ${expected}`]
      : [...(expected === undefined ? [] : [`- ${expected}`]), ...(received === undefined ? [] : [`+ ${received}`])],
  );
  const told = mismatches.map(({ path, expected, received }) => `${path}: ${expected} | ${received}`);
  return { lines, told };
}

describe("received JSON in the layout of the written one", () => {
  it.each<[string, string, string, string[], string[]]>([
    ["the same in another order", '{"a": 1, "b": 2}', '{"b":2.0,"a":1}', ['  {"a": 1, "b": 2}'], []],
    [
      "one member",
      '{"a": 1, "b": "x"}',
      '{"b":"y","a":1}',
      ['- {"a": 1, "b": "x"}', '+ {"a": 1, "b": "y"}'],
      ['$.b: "x" | "y"'],
    ],
    ["a kind", '{"a": [1]}', '{"a": {"b": 1}}', ['- {"a": [1]}', '+ {"a": {"b": 1}}'], ['$.a: [1] | {"b": 1}']],
    [
      "a missing member",
      '{"a": 1, "b": 2, "c": 3}',
      '{"a":1,"c":3}',
      ['- {"a": 1, "b": 2, "c": 3}', '+ {"a": 1, "c": 3}'],
      ["$.b: 2 | undefined"],
    ],
    ["the first of two", '{"a": 1, "b": 2}', '{"b": 2}', ['- {"a": 1, "b": 2}', '+ {"b": 2}'], ["$.a: 1 | undefined"]],
    [
      "further members",
      '{"a": 1}',
      '{"c": [1,\n 2], "a": 1, "b c": 2}',
      ['- {"a": 1}', '+ {"a": 1, "c": [1, 2], "b c": 2}'],
      ["$.c: undefined | [1, 2]", '$["b c"]: undefined | 2'],
    ],
    ["further members of none", "{}", '{"a": 1}', ["- {}", '+ {"a": 1}'], ["$.a: undefined | 1"]],
    [
      "members that may be there",
      '{"a": 1, ...}',
      '{"z": 0, "a": 2}',
      ['- {"a": 1, ...}', '+ {"a": 2, ...}'],
      ["$.a: 1 | 2"],
    ],
    ["a missing element", "[1, 2, 3]", "[1,3]", ["- [1, 2, 3]", "+ [1, 3]"], ["$[1]: 2 | undefined"]],
    ["a further element", "[1, 2]", "[1,5,2]", ["- [1, 2]", "+ [1, 2, 5]"], ["$[1]: undefined | 5"]],
    [
      "an element after others",
      '["a", ..., {"n": 7}]',
      '["a","b",{"n":8}]',
      ['- ["a", ..., {"n": 7}]', '+ ["a", ..., {"n": 8}]'],
      ["$[2].n: 7 | 8"],
    ],
    [
      "a placeholder beside it",
      '{"id": {{id:int}}, "at": "at {{t}}", "n": 1}',
      '{"n":2,"at":"at 10:30","id":17}',
      ['- {"id": 17, "at": "at 10:30", "n": 1}', '+ {"id": 17, "at": "at 10:30", "n": 2}'],
      ["$.n: 1 | 2"],
    ],
    [
      "a placeholder in a name",
      '{"{{key}}": 1, "n": 1}',
      '{"n":2,"x":1}',
      ['- {"x": 1, "n": 1}', '+ {"x": 1, "n": 2}'],
      ["$.n: 1 | 2"],
    ],
  ])("%s", (_name, written, came, lines, told) => {
    expect(layOut(written, came)).toEqual({ lines, told });
  });

  it("shows the value of a name", () => {
    expect(layOut('{"n": {{n}}}', '{"n": 8}', { n: "7" })).toEqual({
      lines: ['- {"n": 7}', '+ {"n": 8}'],
      told: ["$.n: 7 | 8"],
    });
  });

  it("shows the value of a name in a string, and keeps what is no name or has no value", () => {
    expect(layOut('{"n": "a {{n}} {{m:int}} \\{{n}}"}', '{"n": "a 8 9"}', { n: 'x"y' }).told).toEqual([
      '$.n: "a x\\"y {{m:int}} \\{{n}}" | "a 8 9"',
    ]);
  });

  it("over several lines marks those that differ", () => {
    const written =
      '{\n  "name": "tea",\n  "gone": {\n    "a": 1\n  },\n  "count": [1, 2],\n  "deep": {"z": 3, "y": 4}\n}';
    const came = '{"count":[1,2],"deep":{"y":2,"z":3},"more":true,"name":"tea"}';
    expect(layOut(written, came)).toEqual({
      lines: [
        "  {",
        '    "name": "tea",',
        '-   "gone": {',
        '-     "a": 1',
        "-   },",
        '    "count": [1, 2],',
        '-   "deep": {"z": 3, "y": 4}',
        '+   "deep": {"z": 3, "y": 2}',
        '+   "more": true',
        "  }",
      ],
      told: ['$.gone: { "a": 1 } | undefined', "$.deep.y: 4 | 2", "$.more: undefined | true"],
    });
  });
});
