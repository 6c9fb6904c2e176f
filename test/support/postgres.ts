import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../src/servers/free-port.ts";

export interface Postgres {
  readonly port: number;
  stop(): void;
}

const VERSIONS = "/usr/lib/postgresql";

/** Where Debian keeps the newest server; undefined: there is none. */
export function postgresFolder(): string | undefined {
  try {
    const versions = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a));
    return versions[0] === undefined ? undefined : join(VERSIONS, versions[0], "bin");
  } catch {
    return undefined;
  }
}

/** A PostgreSQL server on loopback that trusts everybody, with the user `postgres`. */
export async function startPostgres(): Promise<Postgres> {
  const programs = postgresFolder()!;
  const folder = mkdtempSync(join(tmpdir(), "wiredoc-postgres-"));
  const data = join(folder, "data");
  const port = await freePort();
  // The server refuses to run as root.
  const user = process.getuid!() === 0 ? idsOf("postgres") : undefined;
  if (user) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o755);
  const run = (program: string, ...args: string[]): void => {
    execFileSync(join(programs, program), args, { ...user, stdio: "ignore", cwd: folder });
  };
  run("initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync");
  const settings = `-p ${port} -k ${folder} -h 127.0.0.1 -F`;
  run("pg_ctl", "-D", data, "-o", settings, "-l", join(folder, "log"), "-w", "start");
  return {
    port,
    stop() {
      run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function idsOf(name: string): { readonly uid: number; readonly gid: number } {
  const id = (flag: string): number => Number(execFileSync("id", [flag, name], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}
