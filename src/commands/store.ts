/** `wiredoc store`: runs the coordination store until an interrupt. */
import { once } from "node:events";
import { displayText } from "../base/bytes.ts";
import { engines } from "../builtins.ts";
import { EngineError } from "../store/engine.ts";
import { type RunningStore, startStore } from "../store/server.ts";
import { type Command, EXIT } from "./command.ts";
import { listenProblem } from "./listening.ts";
import { type StoreValues, storeValues } from "./store-values.ts";

export const storeCommand: Command = async (given, { stdout, stderr, takeInterrupts }) => {
  const values = storeValues(given, Object.keys(engines), process.env);
  const interrupted = takeInterrupts();
  let store: RunningStore;
  try {
    store = await start(values);
  } catch (error) {
    const reason = reasonOf(error, values);
    if (reason === undefined) throw error;
    stderr.write(`wiredoc: ${displayText(reason)}\n`);
    return EXIT.unreachable;
  }
  for (const warning of warningsOf(values)) stderr.write(`wiredoc: ${warning}\n`);
  stdout.write(`listening on doozer://${store.address}\n`);
  if (!interrupted.aborted) await once(interrupted, "abort");
  await store.stop();
  return EXIT.ok;
};

async function start({ engine: name, etcd, history, ...options }: StoreValues): Promise<RunningStore> {
  const engine = await engines[name]!({ etcd, history });
  try {
    return await startStore({ ...options, engine });
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Why the store could not start; undefined if it is a bug. */
function reasonOf(error: unknown, values: StoreValues): string | undefined {
  if (!(error instanceof EngineError)) return listenProblem(error, values);
  const where = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `the engine "${values.engine}" cannot be asked: ${error.message}${where}`;
}

function* warningsOf({ host, secret, readOnlySecret }: StoreValues): Generator<string> {
  if (secret !== "" && secret === readOnlySecret)
    yield "the secret for reading only is the one for writing too: who reads may write; set WIREDOC_READ_ONLY_SECRET to another one";
  if (secret === "" && readOnlySecret !== "")
    yield "there is a secret for reading only: without one for writing everybody may read and write; set WIREDOC_SECRET";
  else if (secret === "" && !/^(?:127\.|::1$|localhost$)/.test(host))
    yield `everybody who reaches ${host} may read and write; set WIREDOC_SECRET, or listen on 127.0.0.1`;
}
