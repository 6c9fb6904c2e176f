/** The default port of each scheme that has one. */
export const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  ws: 80,
  https: 443,
  wss: 443,
  redis: 6379,
  rediss: 6379,
  doozer: 8046,
};
