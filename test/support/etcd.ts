import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../src/servers/free-port.ts";
import { find, isRunning, running } from "./real-servers.ts";

/** How long a cluster may take to elect a leader when it starts, or a member to be part of it again. */
const STARTUP = 60_000;

export interface EtcdOptions {
  readonly members?: 1 | 3;
  /** Where the data folder is made; the system's folder for temporary files where none is given. */
  readonly parent?: string;
  /** Options for every member, as `--quota-backend-bytes=…`. */
  readonly options?: readonly string[];
}

/** An etcd cluster on free loopback ports, with data of its own only. Members are counted from 0. */
export interface Etcd {
  /** The members' client URLs, `http://127.0.0.1:port`. */
  readonly endpoints: readonly string[];
  /** Ends a member as a power failure would (SIGKILL); its data stays. */
  kill(member: number): Promise<void>;
  /** Starts a killed member again with its data and its ports; resolves when it is part of the cluster. */
  restart(member: number): Promise<void>;
  /** Stops a member without ending it: its connections stay open and nothing answers (SIGSTOP). Resolves when it stands. */
  pause(member: number): Promise<void>;
  resume(member: number): void;
  /** The member that leads; waits until one does. */
  leader(): Promise<number>;
  /** Stops every member and removes the data. May be called twice. */
  stop(): Promise<void>;
}

interface Member {
  readonly endpoint: string;
  readonly args: readonly string[];
  child: ChildProcess | undefined;
  output: string;
}

export async function startEtcd(options: EtcdOptions = {}): Promise<Etcd> {
  // Somebody may take a free port before a member does: then others are tried.
  for (let attempt = 1; ; attempt++) {
    const folder = mkdtempSync(join(options.parent ?? tmpdir(), "wiredoc-etcd-"));
    const members = await layOut(folder, options);
    for (const member of members) launch(member);
    const cluster = operate(members, folder);
    try {
      await Promise.all(members.map((member) => joined(member)));
      return cluster;
    } catch (error) {
      await cluster.stop();
      if (attempt === 3) throw error;
    }
  }
}

async function layOut(folder: string, { members: count = 1, options = [] }: EtcdOptions): Promise<readonly Member[]> {
  const names = Array.from({ length: count }, (_, index) => `m${index}`);
  const peers = await Promise.all(names.map(async () => `http://127.0.0.1:${await freePort()}`));
  const cluster = names.map((name, index) => `${name}=${peers[index]}`).join(",");
  const layOutOne = async (name: string, index: number): Promise<Member> => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const args = [
      ...["--name", name, "--data-dir", join(folder, name)],
      ...["--listen-client-urls", endpoint, "--advertise-client-urls", endpoint],
      ...["--listen-peer-urls", peers[index]!, "--initial-advertise-peer-urls", peers[index]!],
      ...["--initial-cluster", cluster, "--initial-cluster-state", "new", "--initial-cluster-token", folder],
      // One elects itself at once; of three, none should be taken for lost because the machine is busy.
      ...(count === 1 ? ["--heartbeat-interval", "50", "--election-timeout", "500"] : []),
      ...["--logger", "zap"],
      ...options,
    ];
    return { endpoint, args, child: undefined, output: "" };
  };
  return Promise.all(names.map(layOutOne));
}

function launch(member: Member): void {
  const child = spawn(find("etcd") ?? "etcd", member.args, { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const collect = (chunk: Buffer | string) => {
    member.output = (member.output + chunk).slice(-4000);
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  child.on("error", (error) => collect(`${error.message}\n`));
  member.child = child;
}

function operate(members: readonly Member[], folder: string): Etcd {
  const kill = async (member: Member) => {
    const { child } = member;
    if (child === undefined || !isRunning(child)) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    running.delete(child);
  };
  return {
    endpoints: members.map(({ endpoint }) => endpoint),
    kill: (index) => kill(members[index]!),
    async restart(index) {
      await kill(members[index]!);
      launch(members[index]!);
      await joined(members[index]!);
    },
    async pause(index) {
      const child = members[index]!.child!;
      child.kill("SIGSTOP");
      while (isRunning(child) && !stands(child.pid!)) await delay(5);
    },
    resume: (index) => void members[index]!.child!.kill("SIGCONT"),
    async leader() {
      for (const giveUp = Date.now() + STARTUP; Date.now() < giveUp; await delay(20)) {
        const all = await Promise.all(members.map((member) => status(member)));
        const leading = all.findIndex((one) => one !== undefined && one.leader === one.header.member_id);
        if (leading !== -1) return leading;
      }
      throw new Error("no member of the etcd cluster leads");
    },
    async stop() {
      await Promise.all(members.map(kill));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether every thread of a process is stopped. */
function stands(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).every((task) => /\) T /.test(readFileSync(join(tasks, task, "stat"), "latin1")));
}

/** Resolves when a member calls itself healthy: it can read what a majority and a leader agree on. */
async function joined(member: Member): Promise<void> {
  for (const giveUp = Date.now() + STARTUP; Date.now() < giveUp && isRunning(member.child!); await delay(20)) {
    const answer = (await ask(member, "/health")) as { health?: string } | undefined;
    if (answer?.health === "true") return;
  }
  throw new Error(`etcd did not start:\n${member.output}`);
}

interface Status {
  readonly header: { readonly member_id: string };
  readonly leader?: string;
}

const status = async (member: Member): Promise<Status | undefined> =>
  (await ask(member, "/v3/maintenance/status", "{}")) as Status | undefined;

/** What a member answers to a GET, or to a POST with a body; undefined where it does not. */
async function ask(member: Member, path: string, body?: string): Promise<unknown> {
  if (member.child === undefined || !isRunning(member.child)) return undefined;
  try {
    const response = await fetch(member.endpoint + path, {
      ...(body !== undefined && { method: "POST", body }),
      headers: { connection: "close" },
      signal: AbortSignal.timeout(1000),
    });
    const answer = await response.json();
    return response.ok ? answer : undefined;
  } catch {
    return undefined;
  }
}
