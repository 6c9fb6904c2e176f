/** Counts and latencies of a load. */
import { createHistogram } from "node:perf_hooks";
import type { Note } from "../play/note.ts";
import type { FailureKind } from "../play/outcome.ts";
import { Failures } from "./failures.ts";

/** Failures without a reply. */
const WITHOUT_REPLY: ReadonlySet<FailureKind> = new Set(["timeout", "closed", "connect", "unbound"]);

/** In milliseconds; undefined where nothing was measured. */
export interface Latencies {
  readonly p50: number | undefined;
  readonly p90: number | undefined;
  readonly p99: number | undefined;
  readonly p999: number | undefined;
  readonly max: number | undefined;
}

export class Meter {
  readonly failures: Failures = new Failures();
  /** Node's HDR histogram, of nanoseconds with three digits. */
  readonly #histogram = createHistogram();
  replies = 0;
  passed = 0;
  failed = 0;
  /** Exchanges that were not tried after a failure. */
  skipped = 0;
  last = 0;

  /**
   * An exchange is over.
   * @param latency in milliseconds, from when it was due to the end of its reply.
   */
  count(path: string, note: Note, latency: number): void {
    if (note.failed) this.#fail(path, note);
    else this.passed++;
    this.last = note.started + note.ms;
    if (note.expects.length === 0 || note.isUnsent) return;
    if (!note.finding || !WITHOUT_REPLY.has(note.finding.kind)) this.replies++;
    // A reply that never came is as late as the wait for it. The end of a reply that differs includes a pause, so it does not count.
    if (!note.finding || note.finding.kind === "timeout")
      this.#histogram.record(Math.max(1, Math.round(latency * 1e6)));
  }

  /** An exchange failed after it was counted. An opening, or a control without an exchange, counts only then. */
  countLate(path: string, note: Note): void {
    const { example, sends, expects } = note;
    if (example.role !== "opening" && sends.length + expects.length > 0) this.passed--;
    this.#fail(path, note);
  }

  #fail(path: string, note: Note): void {
    this.failed++;
    this.failures.add(path, note);
  }

  get latencies(): Latencies {
    const isEmpty = this.#histogram.count === 0;
    const at = (percent: number) => (isEmpty ? undefined : this.#histogram.percentile(percent) / 1e6);
    return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: at(100) };
  }
}
