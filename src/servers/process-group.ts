/**
 * A command in a process group of its own, so that one signal reaches everything it starts. Three things see to it
 * that no group outlives this process: `stop`; `killAllServersNow` when the process exits; and where it cannot run any
 * code of its own any more (SIGKILL, a crash), a watchdog, a shell that waits for the end of a pipe from here.
 * What leaves the group on its own (a daemon that calls setsid) is out of reach.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { now } from "../base/clock.ts";
import { OutputTail } from "./output-tail.ts";

/** How long a group may take to end after its stop signal, in milliseconds. */
const GRACE = 2000;
/** How long the system may take to remove what was killed, and then to hand over its last output, in milliseconds. */
const REMOVAL = 1000;
const LAST_OUTPUT = 200;

export interface CommandOptions {
  readonly command: string;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stop: NodeJS.Signals;
}

/** How the leader of a group ended. `error` where it never began. */
export type Ending =
  | { readonly kind: "code"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: NodeJS.Signals }
  | { readonly kind: "error"; readonly error: Error };

const running = new Set<ProcessGroup>();
let hooked = false;

/** Kills every group that still runs, without waiting: for the moment in which the process exits. */
export function killAllServersNow(): void {
  for (const group of running) group.killNow();
}

export class ProcessGroup {
  /** Standard output and standard error, in the order they came. */
  readonly output: OutputTail = new OutputTail();
  /** Resolves when the leader has ended. */
  readonly ended: Promise<Ending>;
  readonly #leader: ChildProcess;
  #watchdog: ChildProcess | undefined;
  readonly #stopSignal: NodeJS.Signals;
  readonly #closed: Promise<void>;
  #leaderGone = false;
  #stopping: Promise<void> | undefined;

  /** @throws where the system refuses the command line or the environment. */
  constructor(options: CommandOptions) {
    this.#stopSignal = options.stop;
    this.#leader = spawn("/bin/sh", ["-c", options.command], {
      cwd: options.cwd,
      env: { ...process.env, ...options.environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#closed = new Promise((resolve) => this.#leader.once("close", () => resolve()));
    this.ended = new Promise((resolve) => {
      const end = (ending: Ending): void => {
        this.#leaderGone = true;
        if (!this.#isAlive()) this.#forget();
        resolve(ending);
      };
      this.#leader.on("error", (error) => end({ kind: "error", error }));
      this.#leader.once("exit", (code, signal) => {
        end(signal === null ? { kind: "code", code: code ?? 0 } : { kind: "signal", signal });
      });
    });
    this.onOutput((chunk) => this.output.append(chunk));
    if (this.#leader.pid === undefined) return;
    if (!hooked) process.once("exit", killAllServersNow);
    hooked = true;
    running.add(this);
    this.#watchdog = startWatchdog(this.#leader.pid);
  }

  /** Resolves when the leader has ended and nothing more of its output comes. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Whoever wants what it prints, besides `output`; chunks of whole characters. */
  onOutput(listener: (chunk: string, stream: "stdout" | "stderr") => void): void {
    for (const name of ["stdout", "stderr"] as const) {
      this.#leader[name]?.setEncoding("utf8").on("data", (chunk: string) => listener(chunk, name));
    }
  }

  /** The stop signal to all of it, SIGKILL after {@link GRACE}; resolves when all of it is gone. Never rejects. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /**
   * How the leader ended, where all of the group is gone by itself. An end may be under way when its first sign, a closed
   * connection, is seen: waits for it so many milliseconds, and then for its last output.
   */
  async goneBy(within: number): Promise<Ending | undefined> {
    const deadline = now() + within;
    const late = new AbortController();
    const ending = await Promise.race([
      this.ended,
      sleep(within, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
    if (!ending || !(await this.#goneWithin(deadline - now()))) return undefined;
    await this.#lastOutput();
    return ending;
  }

  killNow(): void {
    this.#signal("SIGKILL");
    this.#watchdog?.kill("SIGKILL");
  }

  async #stop(): Promise<void> {
    if (this.#isAlive()) {
      this.#signal(this.#stopSignal);
      if (!(await this.#goneWithin(GRACE))) {
        this.#signal("SIGKILL");
        await this.#goneWithin(REMOVAL);
      }
    }
    this.#forget();
    await this.#lastOutput();
    this.#leader.stdout?.destroy();
    this.#leader.stderr?.destroy();
  }

  /** The last output is still in the pipe; one that a daemon holds open would never end. */
  #lastOutput(): Promise<unknown> {
    return Promise.race([this.#closed, sleep(LAST_OUTPUT, undefined, { ref: false })]);
  }

  /** Its number may soon be another group's. */
  #forget(): void {
    running.delete(this);
    this.#watchdog?.kill("SIGKILL");
  }

  async #goneWithin(ms: number): Promise<boolean> {
    const deadline = now() + ms;
    for (let pause = 2; this.#isAlive(); pause = Math.min(pause * 2, 25)) {
      if (now() > deadline) return false;
      await sleep(pause);
    }
    return true;
  }

  #isAlive(): boolean {
    if (this.#leader.pid === undefined) return false;
    if (!this.#leaderGone) return true;
    return this.#signal(0) && hasRunningMember(this.#leader.pid);
  }

  /** Whether there was anything to signal. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    try {
      return this.#leader.pid !== undefined && process.kill(-this.#leader.pid, signal);
    } catch {
      return false;
    }
  }
}

/**
 * Where nobody reaps orphans (a container without an init), a killed group stays around as zombies; they are gone for
 * all that matters. Linux tells (proc(5), /proc/pid/stat: name in parentheses, state, parent, group); elsewhere init does its work.
 */
function hasRunningMember(group: number): boolean {
  let processes: string[];
  try {
    processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return true;
  }
  return processes.some((id) => {
    try {
      const stat = readFileSync(`/proc/${id}/stat`, "latin1");
      const [state, , itsGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(itsGroup) === group && state !== "Z" && state !== "X";
    } catch {
      return false;
    }
  });
}

function startWatchdog(group: number): ChildProcess {
  const watchdog = spawn("/bin/sh", ["-c", `read -r _; kill -s KILL -- -${group}`], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  // Without it the server still ends with every run that can end in an orderly way.
  watchdog.on("error", () => {});
  watchdog.stdin?.on("error", () => {});
  return watchdog;
}
