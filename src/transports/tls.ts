import type { NetConnectOpts } from "node:net";
import { dial } from "./dial.ts";
import { NOT_TLS } from "./secure.ts";
import type { ConnectFailure, Transport } from "./transport.ts";

/** TCP that turns to TLS before the first byte. */
export const tls: Transport = {
  schemes: ["tls", "https", "rediss"],
  async connect(target, signal) {
    const address = { host: target.host, port: target.port };
    const plain = await dial(address, signal);
    try {
      return await plain.upgrade!(target, signal);
    } catch (error) {
      if ((error as ConnectFailure).code !== NOT_TLS) throw error;
      throw Object.assign(error as ConnectFailure, { answer: await askPlainly(address, signal) });
    }
  },
};

/** The beginning of a handshake, which a server that does not know it answers as it answers nonsense. */
const HELLO = Uint8Array.of(0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x00);
/** How long the answer may take, in milliseconds, and how much of it is wanted. */
const PATIENCE = 500;
const ENOUGH = 512;

/**
 * What a server says on a connection of its own that does not speak TLS, as its answer in the handshake cannot be read any
 * more: its greeting or its complaint, at most a line or so. Never rejects.
 */
async function askPlainly(address: NetConnectOpts, signal: AbortSignal): Promise<Uint8Array> {
  let answer = Buffer.alloc(0);
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
    const connection = await dial(address, within);
    await new Promise<void>((resolve) => {
      within.addEventListener("abort", () => resolve(), { once: true });
      connection.receive({
        data(chunk) {
          answer = Buffer.concat([answer, chunk]);
          if (answer.includes(10) || answer.length >= ENOUGH) resolve();
        },
        closed: () => resolve(),
      });
      connection.send(HELLO);
    });
    connection.close();
  } catch {
    // It is not there any more, or says nothing in time.
  }
  return answer.subarray(0, ENOUGH);
}
