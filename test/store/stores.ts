import { afterEach } from "vitest";
import { memoryEngine } from "../../src/store/memory.ts";
import { type RunningStore, type StoreOptions, startStore } from "../../src/store/server.ts";
import { Client } from "./client.ts";

export interface TestStore extends RunningStore {
  readonly port: number;
  /** A client that is closed with the test. */
  open(): Promise<Client>;
}

/** Starts stores for the tests of a file; each ends with the test that started it. */
export function storesForTests(): (
  options?: Partial<StoreOptions> & { readonly history?: number },
) => Promise<TestStore> {
  const stores: RunningStore[] = [];
  const clients: Client[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await Promise.all(stores.splice(0).map((store) => store.stop()));
  });
  return async ({ history = 2000, ...options } = {}) => {
    const engine = options.engine ?? memoryEngine({ history });
    const store = await startStore({ host: "127.0.0.1", port: 0, ...options, engine });
    stores.push(store);
    const port = Number(store.address.split(":").at(-1));
    const open = async (): Promise<Client> => {
      const client = await Client.open(port);
      clients.push(client);
      return client;
    };
    return { ...store, port, open };
  };
}
