import { memoryEngine } from "../../src/store/memory.ts";
import { engineContract } from "../contract/engine.ts";

engineContract({ name: "memory", create: async ({ history }) => memoryEngine({ history }) });
