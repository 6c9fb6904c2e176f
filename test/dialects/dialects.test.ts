import { describeDialect } from "../contract/dialect.ts";
import type { DialectSamples } from "../contract/dialect-samples.ts";
import { doozerSamples } from "./samples/doozer.ts";
import { hexSamples } from "./samples/hex.ts";
import { httpSamples } from "./samples/http.ts";
import { lineSamples } from "./samples/line.ts";
import { protobufSamples } from "./samples/protobuf.ts";
import { redisSamples } from "./samples/redis.ts";

const SAMPLES: Readonly<Record<string, DialectSamples>> = {
  line: lineSamples,
  hex: hexSamples,
  http: httpSamples,
  redis: redisSamples,
  protobuf: protobufSamples,
  doozer: doozerSamples,
};

for (const [name, samples] of Object.entries(SAMPLES)) describeDialect(name, samples);
