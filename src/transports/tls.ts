import { dial } from "./dial.ts";
import type { Transport } from "./transport.ts";

/** TCP that turns to TLS before the first byte. */
export const tls: Transport = {
  schemes: ["tls", "https", "rediss"],
  async connect(target, signal) {
    const plain = await dial({ host: target.host, port: target.port }, signal);
    return plain.upgrade!(target, signal);
  },
};
