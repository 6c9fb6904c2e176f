import { describe, expect, it } from "vitest";
import { planText } from "./plan-text.ts";

const example = (lines: string, attributes = ""): string => `\`\`\`wire ${attributes}\n${lines}\n\`\`\`\n\n`;

/** Each example as its line, the names that it binds first, and why it is not run. */
async function names(examples: string, vars = ""): Promise<readonly string[]> {
  const { examples: planned, errors } = await planText(`---\ntarget: tcp://127.0.0.1:1\n${vars}---\n${examples}`);
  expect(errors).toEqual([]);
  return planned.map(({ line, captures, skip }) => `${line}: ${captures.join(",")}${skip ? ` (${skip})` : ""}`);
}

describe("names", () => {
  it("are bound by the first reply that has them", async () => {
    expect(await names(example(">>> a\n{{x}} {{y:int}} {{_}}") + example(">>> {{x}}\n{{y}} {{z}}"))).toEqual([
      "4: x,y",
      "9: z",
    ]);
  });

  it("are bound by groups of expressions", async () => {
    expect(await names(example(">>> a\nid (?P<id>\\d+) (re)") + example(">>> {{id}}"))).toEqual(["4: id", "9: "]);
  });

  it("are not bound where a variable has them", async () => {
    expect(await names(example(">>> {{x}}\n{{x}} {{y}}"), "vars: {x: 1}\n")).toEqual(["5: y"]);
  });

  it("keep from running what uses them, where what binds them does not run", async () => {
    const text = example(">>> a\n{{x}}", 'skip="later"') + example(">>> {{x}}\n{{y}}") + example(">>> {{y}}");
    expect(await names(text)).toEqual([
      "4: x (later)",
      '9: y (it uses {{x}}, which is captured in "line 4" (line 6), and that was not run)',
      '14:  (it uses {{y}}, which is captured in "line 9" (line 11), and that was not run)',
    ]);
  });

  it("may be bound again by an example that runs", async () => {
    const text = example(">>> a\n{{x}}", "skip") + example(">>> b\n{{x}}") + example(">>> {{x}}");
    expect((await names(text)).slice(1)).toEqual(["9: x", "14: "]);
  });

  it("are captured anew by each opening, and forgotten by what comes anytime", async () => {
    const openings = example("hi {{x}}", "opening") + example("ho {{x}}", "opening") + example(">>> {{x}}\n{{x}}");
    expect(await names(openings)).toEqual(["4: x", "8: x", "12: x"]);
    const anytime = example("PING {{x}}\n>>> PONG {{x}}", "anytime") + example(">>> a\n{{x}}");
    expect(await names(anytime)).toEqual(["4: x", "9: x"]);
  });

  it("of a variable that is made of a capture are needed as well", async () => {
    const text = example(">>> a\n{{id}}", "skip") + example(">>> {{path}}");
    expect((await names(text, "vars: {path: '/a/{{id}}'}\n"))[1]).toMatch(/^10: {2}\(it uses \{\{id\}\}/);
  });
});
