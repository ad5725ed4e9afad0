import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { status } from "@grpc/grpc-js";
import {
  Client,
  DeadlineExceededError,
  EncodingError,
  Enforcement,
  InvalidEventError,
  isKnown,
  Layer,
  nameOf,
  UnavailableError,
  VERSION,
} from "assay-client";
import { type Handlers, serve, withClient } from "./server.js";

const valid: Handlers["validate"] = ({ request }, answer) =>
  answer(null, { verdict: { eventId: request.event?.eventId ?? "", valid: true } });

describe("Client.validate", () => {
  it("asks, and returns the verdict", async () => {
    const handlers: Handlers = {
      validate({ request, metadata }, answer) {
        const { event, options } = request;
        assert.deepEqual([event?.eventType, event?.contractVersion, options?.explain], ["t", "1", true]);
        assert.deepEqual(metadata.get("authorization"), ["Bearer secret"]);
        assert.deepEqual(metadata.get("tenant"), ["acme"]);
        assert.match(`${metadata.get("user-agent")}`, new RegExp(`^assay-typescript/${VERSION} `));
        const normalizedBody = { case: "normalizedPayloadJson", value: Buffer.from('{"n":9007199254740993}') } as const;
        const processedAt = { seconds: 1n, nanos: 2_000_003 };
        answer(null, { verdict: { eventId: "e", valid: true, contractVersion: "1.0", normalizedBody, processedAt } });
      },
    };
    await withClient(
      handlers,
      async (client) => {
        const verdict = await client.validate("t", { a: 1 }, { eventId: "e", contractVersion: "1", explain: true });
        assert.equal(verdict.throwIfInvalid(), verdict);
        assert.deepEqual(verdict.normalized, { n: 9007199254740993n });
        assert.equal(verdict.processedAtNanos, 1_002_000_003n);
        assert.equal(verdict.processedAt.getTime(), 1002);
        assert.equal(JSON.parse(JSON.stringify(verdict)).contractVersion, "1.0");
      },
      { token: "secret", metadata: { tenant: "acme" } },
    );
  });

  it("takes no enforcement that it does not know for valid, and keeps numbers that it does not know", async () => {
    const findings = [{ check: "new", enforcement: 9, layer: 8, field: "/a", message: "m" }];
    const handlers: Handlers = { validate: (_, answer) => answer(null, { verdict: { valid: true, findings } }) };
    await withClient(handlers, async (client) => {
      const verdict = await client.validate("t", {});
      assert.equal(verdict.valid, false);
      const [finding] = verdict.findings;
      assert.deepEqual([finding?.enforcement, finding?.layer], [9, 8]);
      assert.deepEqual([nameOf(Enforcement, 9), nameOf(Layer, 1)], ["UNKNOWN_9", "ENVELOPE"]);
      assert.deepEqual([isKnown(Enforcement, 9), isKnown(Enforcement, 0), isKnown(Enforcement, 3)], [false, false, true]);
      assert.throws(
        () => verdict.throwIfInvalid(),
        (error) => error instanceof InvalidEventError && error.verdict === verdict && /\/a: m \[new\]/.test(error.message),
      );
    });
  });

  it("keeps every count exact, and prints it", async () => {
    const value = { count: 2n ** 64n - 1n, sampleCount: 7n, observed: "x" };
    const explanations = [
      { check: "a", evidence: { kind: { case: "categorical", value } } },
      { check: "b", evidence: { kind: { case: "statistical", value: { deviation: Number.POSITIVE_INFINITY } } } },
      { check: "c", evidence: {} },
    ] as const;
    const handlers: Handlers = { validate: (_, answer) => answer(null, { verdict: { explanations: [...explanations] } }) };
    await withClient(handlers, async (client) => {
      const verdict = await client.validate("t", {}, { explain: true });
      const evidence = { kind: "categorical", ...value, group: {} };
      assert.deepEqual(verdict.explanations[0]?.evidence, evidence);
      assert.equal(verdict.explanations[2]?.evidence, undefined);
      const { explanations: written } = JSON.parse(JSON.stringify(verdict));
      assert.deepEqual(written[0].evidence, { ...evidence, count: "18446744073709551615", sampleCount: 7 });
      assert.equal(written[1].evidence.deviation, "Infinity");
    });
  });

  it("sends an enforcement that it does not know as it is", async () => {
    const handlers: Handlers = {
      validate({ request }, answer) {
        assert.equal(request.options?.reportFrom, 17);
        answer(null, { verdict: {} });
      },
    };
    await withClient(handlers, async (client) => {
      assert.equal((await client.validate("t", {}, { reportFrom: 17 })).valid, false);
      await assert.rejects(client.validate("t", {}, { reportFrom: 1.5 }), EncodingError);
    });
  });

  it("tries four times where no server answers, and no more", async () => {
    let calls = 0;
    const handlers: Handlers = {
      validate(call, answer) {
        calls += 1;
        if (calls === 4) valid?.(call, answer);
        else answer({ code: status.UNAVAILABLE, details: "going away" });
      },
    };
    await withClient(handlers, async (client) => {
      assert.equal((await client.validate("t", {})).valid, true);
      calls = 4;
      await assert.rejects(client.validate("t", {}), UnavailableError);
      assert.equal(calls, 8);
    });
  });

  it("waits for a server that is not there yet", async () => {
    const { port, ...gone } = await serve({ validate: valid });
    await gone[Symbol.asyncDispose]();
    using client = new Client(`127.0.0.1:${port}`, { channelOptions: { "grpc.enable_retries": 0 } });
    const asked = client.validate("t", {});
    await assert.rejects(client.validate("t", {}, { timeoutMs: 50 }), DeadlineExceededError);
    await using _ = await serve({ validate: valid }, port);
    assert.equal((await asked).valid, true);
  });

  it("fails at once where nothing is there and there is no time limit", async () => {
    const { address, ...gone } = await serve({});
    await gone[Symbol.asyncDispose]();
    using client = new Client(address);
    await assert.rejects(client.validate("t", {}, { timeoutMs: Number.POSITIVE_INFINITY }), UnavailableError);
  });

  it("ends a call that takes too long, and says so", async () => {
    await withClient(
      { validate: () => {} },
      async (client) => {
        await assert.rejects(client.validate("t", {}), (error) => {
          assert.ok(error instanceof DeadlineExceededError);
          assert.match(error.message, /127\.0\.0\.1:\d+ did not answer in time/);
          return true;
        });
        await assert.rejects(client.validate("t", {}, { timeoutMs: Number.NaN }), RangeError);
      },
      { timeoutMs: 100 },
    );
  });

  it("ends a call whose signal is aborted, with the signal's reason", async () => {
    const abort = new AbortController();
    let onCancelled = () => {};
    const seen = new Promise<void>((resolve) => {
      onCancelled = resolve;
    });
    const handlers: Handlers = {
      validate(call) {
        call.on("cancelled", onCancelled);
        abort.abort(new Error("enough"));
      },
    };
    await withClient(handlers, async (client) => {
      await assert.rejects(client.validate("t", {}, { signal: abort.signal }), /enough/);
      await seen;
      await assert.rejects(client.validate("t", {}, { signal: abort.signal }), /enough/);
    });
  });

  it("shares a signal with as many calls as there are, and forgets it afterwards", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    const abort = new AbortController();
    await withClient({ validate: () => {} }, async (client) => {
      const asked = Array.from({ length: 20 }, () => client.validate("t", {}, { signal: abort.signal }));
      const streamed = client.validateStream([{ eventType: "t", payload: {} }], { signal: abort.signal }).next();
      assert.equal(getEventListeners(abort.signal, "abort").length, 1);
      abort.abort();
      const results = await Promise.allSettled([...asked, streamed]);
      assert.ok(results.every((result) => result.status === "rejected" && result.reason === abort.signal.reason));
    });
    assert.equal(getEventListeners(abort.signal, "abort").length, 0);
    await new Promise(setImmediate);
    process.off("warning", onWarning);
    assert.deepEqual(warnings, []);
  });

  it("ends calls that are under way when the client is closed, and takes no more", async () => {
    let client: Client | undefined;
    const handlers: Handlers = { validate: () => client?.close() };
    await withClient(handlers, async (made) => {
      client = made;
      const closed = { code: "CANCELLED", message: "CANCELLED: the client is closed" };
      await assert.rejects(made.validate("t", {}), closed);
      await assert.rejects(made.validate("t", {}), closed);
      await assert.rejects(made.validateStream([]).next(), closed);
      made.close();
    });
  });
});

describe("Client.validateBatch", () => {
  it("asks in calls of a thousand events, and answers in their order", async () => {
    const sizes: number[] = [];
    const handlers: Handlers = {
      validateBatch({ request: { events, options } }, answer) {
        sizes.push(events.length);
        assert.equal(options?.dryRun, true);
        answer(null, { verdicts: events.map(({ eventId }) => ({ eventId, valid: true })) });
      },
    };
    await withClient(handlers, async (client) => {
      const events = Array.from({ length: 2500 }, (_, n) => ({ eventType: "t", payload: {}, eventId: `${n}` }));
      const verdicts = await client.validateBatch(events, { dryRun: true });
      assert.deepEqual(
        verdicts.map(({ eventId }) => eventId),
        events.map(({ eventId }) => eventId),
      );
      assert.deepEqual(sizes, [1000, 1000, 500]);
      assert.deepEqual(await client.validateBatch([]), []);
    });
  });

  it("sends nothing if an event cannot be sent, and names its position", async () => {
    await withClient({}, async (client) => {
      const events = [
        { eventType: "t", payload: {} },
        { eventType: "t", payload: { a: Number.NaN } },
      ];
      await assert.rejects(client.validateBatch(events), { position: 1, message: /^event at position 1: .*NaN at \/a/ });
    });
  });
});

describe("Client.listEventTypes", () => {
  it("reads page after page", async () => {
    const handlers: Handlers = {
      listEventTypes({ request: { pageToken } }, answer) {
        const nextPageToken = { "": "2", "2": "3" }[pageToken] ?? "";
        answer(null, { eventTypes: [{ eventType: `t${pageToken}` }], nextPageToken });
      },
    };
    await withClient(handlers, async (client) => {
      const found: string[] = [];
      for await (const { eventType } of client.listEventTypes()) found.push(eventType);
      assert.deepEqual(found, ["t", "t2", "t3"]);
    });
  });
});
