import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { status } from "@grpc/grpc-js";
import { MalformedRequestError, UnavailableError } from "assay-client";
import type { ValidateStreamRequest } from "#lib/gen/assay/v1/validation_service_pb.js";
import { answerAll, answerTo, type StreamCall } from "./server.js";
import { draining, identifiers, numbered, taken, withStreams } from "./streams.js";

const soon = { initialBackoffMs: 1 };

describe("A stream that breaks off", () => {
  it("carries on from the first event without an answer when a server drains, with the options anew", async () => {
    const calls: number[][] = [];
    const handler = (call: StreamCall) => {
      const sequences: number[] = [];
      calls.push(sequences);
      call.on("data", (request: ValidateStreamRequest) => {
        assert.equal(request.options?.explain, sequences.length ? undefined : true);
        sequences.push(Number(request.sequence));
        if (sequences.length <= 2 || calls.length === 3) call.write(answerTo(request));
        if (sequences.length === 2 && calls.length < 3) call.emit("error", draining);
      });
      call.on("end", () => call.end());
    };
    await withStreams(handler, async (client) => {
      const options = { explain: true, tuning: { ...soon, maxEventsPerMessage: 1 } };
      assert.deepEqual(await taken(client, numbered(20), options), [identifiers(20), undefined]);
      assert.deepEqual(
        calls.map(([first]) => first),
        [1, 3, 5],
      );
    });
  });

  it("carries on where the server drains while there is nothing to answer", async () => {
    let calls = 0;
    let ended = () => {};
    const onEnd = new Promise<void>((resolve) => {
      ended = resolve;
    });
    async function* events() {
      yield* numbered(1);
      await onEnd;
      yield* numbered(1, 1);
    }
    const handler = (call: StreamCall) => {
      calls += 1;
      if (calls > 1) return answerAll(call);
      call.on("data", (request: ValidateStreamRequest) => {
        call.write(answerTo(request), () => {
          call.emit("error", draining);
          ended();
        });
      });
    };
    await withStreams(handler, async (client) => {
      assert.deepEqual(await taken(client, events(), { tuning: soon }), [identifiers(2), undefined]);
    });
  });

  it("gives up after so many attempts without an answer, with one clear error", async () => {
    let calls = 0;
    const handler = (call: StreamCall) => {
      calls += 1;
      call.emit("error", draining);
    };
    await withStreams(handler, async (client) => {
      const [found, error] = await taken(client, numbered(3), { tuning: { ...soon, maxAttempts: 2 } });
      assert.deepEqual([found, calls], [[], 3]);
      assert.ok(error instanceof UnavailableError);
      assert.match(error.message, /broke off after 0 events were answered, and 2 attempts in a row .*: draining/);
    });
  });

  it("yields what was answered before an error that no other call would cure", async () => {
    const handler = (call: StreamCall) => {
      let count = 0;
      call.on("data", (request: ValidateStreamRequest) => {
        count += 1;
        if (count <= 3) call.write(answerTo(request));
        if (count === 3) call.emit("error", { code: status.INVALID_ARGUMENT, details: "refused" });
      });
    };
    await withStreams(handler, async (client) => {
      const [found, error] = await taken(client, numbered(10), { tuning: { maxEventsPerMessage: 1 } });
      assert.deepEqual(found, identifiers(3));
      assert.ok(error instanceof MalformedRequestError);
      assert.equal(error.details, "refused");
    });
  });
});
