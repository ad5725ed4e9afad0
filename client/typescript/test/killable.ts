/**
 * A server in a process of its own, so that it can be killed. It says its port, then "asked" for each stream. It answers as many
 * messages as the first argument says and holds back the rest, until it is told to answer all, and says that it does. The second
 * argument is its port.
 */

import type { ValidateStreamRequest } from "#lib/gen/assay/v1/validation_service_pb.js";
import { answerTo, type StreamCall, serve } from "./server.js";

let left = Number(process.argv[2]);

function validateStream(call: StreamCall): void {
  process.send?.("asked");
  call.on("error", () => {});
  call.on("end", () => call.end());
  call.on("data", (request: ValidateStreamRequest) => {
    left -= 1;
    if (left >= 0) call.write(answerTo(request));
  });
}

process.on("message", () => {
  left = Number.POSITIVE_INFINITY;
  process.send?.("answers");
});
const { port } = await serve({ validateStream }, Number(process.argv[3]));
process.send?.(port);
