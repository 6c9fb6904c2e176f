/** Loads a module of the user's. In a file of its own, because the bundle of the command has to be lent its `import`. */
export const importModule = (url: string): Promise<{ readonly default?: unknown }> => import(url);
