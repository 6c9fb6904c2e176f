/** The page on serving is kept by what it shows. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { describeWith } from "../support/real-servers.ts";
import { serveText } from "./support.ts";

const PAGE = readFileSync(new URL("../../docs/serve.md", import.meta.url), "utf8");
const shown = (language: string): string => new RegExp(`^(\`{3,4})${language}\\n(.*?)^\\1$`, "ms").exec(PAGE)![2]!;
/** The time is never the same. */
const withoutTime = (text: string): string => text.replaceAll(/^time .*/gm, "time");

describeWith(["curl"], "docs/serve.md", () => {
  it("shows what the command says", async () => {
    const served = await serveText(shown("markdown"));
    for (const command of shown("sh").trimEnd().split("\n"))
      await promisify(execFile)("sh", [
        "-c",
        command.replace("curl", "curl -sS").replace("http://127.0.0.1:8080", served.url),
      ]);
    const { exitCode, report } = await served.ended;
    const [, listening, ...lines] = shown("console").split("\n");
    expect([exitCode, listening]).toEqual([1, "listening on http://127.0.0.1:8080"]);
    expect(withoutTime(report.replaceAll("page.md", "users.md"))).toBe(withoutTime(lines.join("\n")));
  });
});
