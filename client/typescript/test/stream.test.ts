import assert from "node:assert/strict";
import { EventEmitter, on } from "node:events";
import { describe, it } from "node:test";
import { type AssayEvent, EncodingError, type EventSource, InternalError } from "assay-client";
import type { ValidateStreamRequest } from "#lib/gen/assay/v1/validation_service_pb.js";
import { answerAll, type StreamCall } from "./server.js";
import { draining, identifiers, numbered, taken, withStreams } from "./streams.js";

describe("Client.validateStream", () => {
  it("yields a verdict for each event, in their order, from whatever can be iterated", async () => {
    async function* slowly() {
      for (const event of numbered(1234)) {
        if (event.eventId === "700") await new Promise((resolve) => setTimeout(resolve, 10));
        yield event;
      }
    }
    await withStreams(answerAll, async (client) => {
      for (const events of [numbered(1234), [...numbered(1234)], slowly()]) {
        assert.deepEqual(await taken(client, events), [identifiers(1234), undefined]);
      }
      assert.deepEqual(await taken(client, []), [[], undefined]);
    });
  });

  it("does nothing before a verdict is asked for", async () => {
    await withStreams(answerAll, async (client) => {
      const events = {
        [Symbol.iterator]: () => assert.fail("it was read"),
      };
      await client.validateStream(events).return();
      assert.throws(() => client.validateStream([], { tuning: { lookAhead: 0 } }), /lookAhead is 0: it must be 1 or more/);
    });
  });

  it("sends an event that waits for others after a while", async () => {
    let release = () => {};
    async function* events() {
      yield* numbered(1);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    }
    await withStreams(answerAll, async (client) => {
      const stream = client.validateStream(events());
      assert.equal((await stream.next()).value?.eventId, "0");
      release();
      assert.equal((await stream.next()).done, true);
    });
  });

  it("reads no further ahead than it may, however slow its caller", async () => {
    let read = 0;
    function* counted() {
      for (const event of numbered(100)) {
        read += 1;
        yield event;
      }
    }
    await withStreams(answerAll, async (client) => {
      let taken = 0;
      for await (const _ of client.validateStream(counted(), { tuning: { lookAhead: 10, maxEventsPerMessage: 2 } })) {
        taken += 1;
        await new Promise((resolve) => setTimeout(resolve, 1));
        assert.ok(read <= taken + 10, `${read} events were read for ${taken} verdicts`);
      }
      assert.equal(taken, 100);
    });
  });

  it("leaves the loop that everything runs in to others, however quick its input", async () => {
    async function* endless() {
      for (;;) yield* numbered(1000);
    }
    await withStreams(answerAll, async (client) => {
      const stream = client.validateStream(endless());
      const signal = AbortSignal.timeout(50);
      while (!signal.aborted) await stream.next();
      await stream.return();
    });
  });

  it("fails where the server answers what it was not asked", async () => {
    const handler = (call: StreamCall) => {
      call.on("data", ({ events }: ValidateStreamRequest) => call.write({ sequence: 7n, verdicts: events.map(() => ({})) }));
    };
    await withStreams(handler, async (client) => {
      const [found, error] = await taken(client, numbered(2));
      assert.deepEqual(found, []);
      assert.ok(error instanceof InternalError);
      assert.match(
        error.message,
        /the server broke the contract: 2 verdicts for sequence 1 was due, but it sent 2 verdicts for sequence 7/,
      );
    });
  });

  it("yields the verdicts of all events before one that cannot be sent, then names its position", async () => {
    function* events() {
      yield* numbered(3);
      yield { eventType: "t", payload: { a: [Number.NaN] } };
    }
    await withStreams(answerAll, async (client) => {
      const [found, error] = await taken(client, events());
      assert.deepEqual(found, identifiers(3));
      assert.ok(error instanceof EncodingError);
      assert.match(error.message, /^event at position 3: the payload holds NaN at \/a\/0/);
    });
  });

  it("yields the verdicts of all events before its input fails, then fails as that did", async () => {
    const failure = new Error("no more");
    async function* events() {
      yield* numbered(3);
      throw failure;
    }
    await withStreams(answerAll, async (client) => {
      assert.deepEqual(await taken(client, events()), [identifiers(3), failure]);
    });
  });

  it("ends the call and the input when its caller leaves the loop", async () => {
    let isClosed = false;
    let cancelled = () => {};
    const wasCancelled = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    function* events() {
      try {
        for (;;) yield* numbered(1000);
      } finally {
        isClosed = true;
      }
    }
    const handler = (call: StreamCall) => {
      call.on("cancelled", cancelled);
      answerAll(call);
    };
    await withStreams(handler, async (client) => {
      for await (const { eventId } of client.validateStream(events())) {
        if (eventId === "2") break;
      }
      assert.equal(isClosed, true);
      await wasCancelled;
    });
  });

  it("leaves behind an input that it waits for, and tells it", async () => {
    const emitter = new EventEmitter();
    const events = on(emitter, "event") as AsyncIterable<AssayEvent>;
    async function* stuck(): AsyncGenerator<AssayEvent, void, undefined> {
      yield* numbered(1);
      await new Promise(() => {});
    }
    await withStreams(answerAll, async (client) => {
      const stream = client.validateStream(stuck());
      await stream.next();
      await stream.return();
      assert.equal(emitter.listenerCount("event"), 1);
      const abort = new AbortController();
      const found = taken(client, events, { signal: abort.signal });
      abort.abort();
      assert.deepEqual(await found, [[], abort.signal.reason]);
      assert.equal(emitter.listenerCount("event"), 0);
    });
  });

  it("ends with the signal's reason when that is aborted, whatever it waits for", async () => {
    const reason = new Error("enough");
    async function* waiting() {
      yield* numbered(1);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    const situations: [string, (call: StreamCall) => void, EventSource][] = [
      ["an answer", () => {}, numbered(1)],
      ["an event", answerAll, waiting()],
      ["another attempt", (call) => call.emit("error", draining), numbered(1)],
    ];
    for (const [what, handler, events] of situations) {
      await withStreams(handler, async (client) => {
        const abort = new AbortController();
        setTimeout(() => abort.abort(reason), 20);
        const options = { signal: abort.signal, tuning: { initialBackoffMs: 60_000, maxBackoffMs: 60_000 } };
        assert.equal((await taken(client, events, options))[1], reason, what);
        assert.deepEqual(await taken(client, numbered(1), options), [[], reason]);
      });
    }
  });

  it("yields nothing more once its signal is aborted", async () => {
    await withStreams(answerAll, async (client) => {
      const abort = new AbortController();
      const stream = client.validateStream(numbered(100), { signal: abort.signal });
      await stream.next();
      abort.abort();
      await assert.rejects(stream.next(), { name: "AbortError" });
    });
  });

  it("ends with an error when the client is closed", async () => {
    await withStreams(
      () => {},
      async (client) => {
        const next = client.validateStream(numbered(1)).next();
        setTimeout(() => client.close(), 10);
        await assert.rejects(next, { code: "CANCELLED", details: "the client is closed" });
      },
    );
  });
});
