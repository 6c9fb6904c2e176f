import { dial } from "./dial.ts";
import type { Transport } from "./transport.ts";

export const tcp: Transport = {
  schemes: ["tcp", "http", "redis"],
  connect: ({ host, port }, signal) => dial({ host, port }, signal),
};
