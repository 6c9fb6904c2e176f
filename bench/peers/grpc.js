/**
 * gRPC's client for Node on an etcd, one call after the other, the same message each time, the time of each measured: what
 * the store's engine stands on. Usage: grpc.js PORT COUNT METHOD MESSAGE. The message is in hexadecimal. Prints the seconds
 * that it took, and the 50th, 99th and 99.9th percentiles in microseconds.
 */
import { Client, credentials } from "@grpc/grpc-js";

const WARM_UP = 4000;
const [port, count, method, text] = process.argv.slice(2);
const message = Buffer.from(text, "hex");
const client = new Client(`dns:127.0.0.1:${port}`, credentials.createInsecure(), { "grpc.enable_channelz": 0 });
const asIs = (bytes) => bytes;
const ask = () =>
  new Promise((resolve, reject) => {
    client.makeUnaryRequest(`/etcdserverpb.${method}`, asIs, asIs, message, (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
  });

// V8 compiles meanwhile, as it did for a store that runs.
for (let i = 0; i < WARM_UP; i++) await ask();
const times = [];
const begun = performance.now();
for (let i = 0; i < count; i++) {
  const from = performance.now();
  await ask();
  times.push(1000 * (performance.now() - from));
}
const seconds = (performance.now() - begun) / 1000;
times.sort((a, b) => a - b);
const at = (part) => times[Math.min(times.length - 1, Math.floor(part * times.length))].toFixed(1);
console.log(seconds, at(0.5), at(0.99), at(0.999));
client.close();
