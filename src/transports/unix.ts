import { dial } from "./dial.ts";
import type { Transport } from "./transport.ts";

export const unix: Transport = {
  schemes: ["unix"],
  connect: ({ path }, signal) => dial({ path }, signal),
};
