import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Milliseconds that only what hangs takes, on a machine with twenty times as much to do as it has processors too. */
const HANGS = 180_000;

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/build.ts",
    // Many tests wait for servers: one file more than there are processors keeps these busy.
    maxWorkers: availableParallelism() + 1,
    // To load the same modules again for each file costs more than many a file does.
    isolate: false,
    testTimeout: HANGS,
    hookTimeout: HANGS,
    expect: { poll: { timeout: HANGS / 2, interval: 10 } },
  },
});
