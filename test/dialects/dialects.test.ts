import { describeDialect } from "../contract/dialect.ts";
import { doozerSamples } from "./samples/doozer.ts";
import { hexSamples } from "./samples/hex.ts";
import { lineSamples } from "./samples/line.ts";
import { protobufSamples } from "./samples/protobuf.ts";

describeDialect("line", lineSamples);
describeDialect("hex", hexSamples);
describeDialect("protobuf", protobufSamples);
describeDialect("doozer", doozerSamples);
