import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { type AssayEvent, EncodingError, Struct, type TimestampLike } from "assay-client";
import { encodeEvent } from "#lib/events.js";
import { EventSchema } from "#lib/gen/assay/v1/event_pb.js";

function sent(event: Partial<AssayEvent>) {
  return fromBinary(EventSchema, encodeEvent({ eventType: "t", payload: {}, ...event }));
}

function text(payload: AssayEvent["payload"]): string {
  const { body } = sent({ payload });
  assert.equal(body.case, "payloadJson");
  return Buffer.from(body.value as Uint8Array).toString();
}

describe("encodeEvent", () => {
  it("sends an object as JSON text, and text and bytes as they are", () => {
    assert.equal(text({ name: "Ada", n: 2n ** 60n }), '{"name":"Ada","n":1152921504606846976}');
    assert.equal(text(' {"a" : 1.0} '), ' {"a" : 1.0} ');
    assert.equal(text(Buffer.from("no JSON")), "no JSON");
  });

  it("sends null as no payload at all", () => {
    assert.equal(sent({ payload: null }).body.case, undefined);
  });

  it("sends a Struct as one, negative zero and keys of any name included", () => {
    const { body } = sent({ payload: new Struct(JSON.parse('{"a": -0.0, "__proto__": [null, {"b": true}]}')) });
    assert.equal(body.case, "payload");
    assert.deepEqual(body.value, JSON.parse('{"a": -0.0, "__proto__": [null, {"b": true}]}'));
  });

  it("sends what is said beside the payload", () => {
    const event = sent({ eventId: "é", contractVersion: "1.2" });
    assert.deepEqual([event.eventType, event.eventId, event.contractVersion], ["t", "é", "1.2"]);
  });

  const times: [string, TimestampLike, bigint, number][] = [
    ["a Date", new Date(1500), 1n, 500_000_000],
    ["a Date before 1970", new Date(-1), -1n, 999_000_000],
    ["nanoseconds", 1_000_000_007n, 1n, 7],
    ["nanoseconds before 1970", -1n, -1n, 999_999_999],
    ["seconds and nanoseconds", { seconds: 5, nanos: 6 }, 5n, 6],
    ["seconds alone", { seconds: 0n }, 0n, 0],
    ["what the server has to refuse", { seconds: 2n ** 62n, nanos: -5 }, 2n ** 62n, -5],
  ];
  for (const [name, timestamp, seconds, nanos] of times) {
    it(`sends ${name} as a timestamp`, () => {
      assert.deepEqual({ ...sent({ timestamp }).timestamp }, { $typeName: "google.protobuf.Timestamp", seconds, nanos });
    });
  }

  const refused: [string, unknown, RegExp][] = [
    ["what is no event", null, /an event is an object/],
    ["a promise", Promise.resolve({}), /eventType is a string, not undefined/],
    [
      "an attribute that is none",
      { eventType: "t", payload: {}, event_id: "1" },
      /an event has no "event_id"; it has eventType/,
    ],
    ["an undefined payload", { eventType: "t" }, /the payload is undefined: pass null/],
    ["NaN in a payload", { eventType: "t", payload: { a: Number.NaN } }, /holds NaN at \/a/],
    ["a bigint in a Struct", { eventType: "t", payload: new Struct({ a: 1n }) }, /bigint/],
    ["NaN in a Struct", { eventType: "t", payload: new Struct({ a: [Number.NaN] }) }, /holds NaN at \/a\/0/],
    ["text that is no Unicode", { eventType: "t", payload: '"\ud800"' }, /half of a surrogate pair/],
    ["an identifier that is no Unicode", { eventType: "t", payload: {}, eventId: "\udc00" }, /eventId is not Unicode/],
    ["an identifier that is no text", { eventType: "t", payload: {}, eventId: 1 }, /eventId is a string, not a number/],
    ["a time that is a number", { eventType: "t", payload: {}, timestamp: 1 }, /the timestamp is a Date, a bigint/],
    ["an invalid Date", { eventType: "t", payload: {}, timestamp: new Date("?") }, /an invalid Date/],
    ["half a second", { eventType: "t", payload: {}, timestamp: { seconds: 0.5 } }, /whole numbers of 64 and 32 bits/],
    ["too many nanoseconds", { eventType: "t", payload: {}, timestamp: { seconds: 0, nanos: 2 ** 31 } }, /whole numbers/],
  ];
  for (const [name, event, problem] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => encodeEvent(event as AssayEvent),
        (error) => error instanceof EncodingError && problem.test(error.message),
      );
    });
  }
});
