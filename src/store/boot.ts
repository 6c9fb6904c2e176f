/**
 * What a new store holds before anybody has written: the tree of the real server, revision for revision, so that the
 * first change of a client is revision 59 here too.
 */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Engine } from "./engine.ts";

/** Put in by the build; what runs from the sources has none. */
declare const WIREDOC_VERSION: string | undefined;

const NAME = "local";
const BOOT_NOPS = 50;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ID_LENGTH = 16;

/** The name of a server, new at each start. */
export const randomId = (): string =>
  Array.from(randomBytes(ID_LENGTH), (byte) => BASE32[byte % BASE32.length]).join("");

/** @param address where the server listens, `host:port`. */
export async function boot(engine: Engine, id: string, address: string): Promise<void> {
  const set = (path: string, value: string) => engine.set(path, Buffer.from(value), 0);
  await set("/ctl/name", NAME);
  await set(`/ctl/node/${id}/addr`, address);
  await set(`/ctl/node/${id}/hostname`, hostname());
  await set(`/ctl/node/${id}/version`, typeof WIREDOC_VERSION === "string" ? `wiredoc-${WIREDOC_VERSION}` : "wiredoc");
  await set("/ctl/cal/0", id);
  await set(`/ctl/ns/${NAME}/${id}`, address);
  for (let i = 0; i < BOOT_NOPS; i++) await engine.nop();
  await set(`/ctl/node/${id}/writable`, "true");
  await set(`/ctl/node/${id}/applied`, String(await engine.revision()));
}
