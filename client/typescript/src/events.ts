/** Events as callers write them, and as bytes. */

import { create, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { EncodingError } from "./errors.js";
import { EventSchema } from "./gen/assay/v1/event_pb.js";
import { jsonText } from "./json.js";
import { plainOf } from "./plain.js";

/**
 * A payload to be sent as a `google.protobuf.Struct`, which costs the server several times as much as JSON text. Its numbers
 * are doubles: a bigint is refused.
 */
export class Struct {
  constructor(readonly fields: Readonly<Record<string, unknown>>) {}
}

/**
 * An event's data, which is to be one JSON object: an object, written as `JSON.stringify` would but exact in its bigints;
 * JSON text, or its UTF-8 bytes, sent as they are; or a `Struct`. Null is an event without a payload, for which the server has a
 * finding.
 */
export type Payload = object | string | Uint8Array | Struct | null;

/** A time: a Date; nanoseconds since 1970 UTC as a bigint; or seconds since then, and the nanoseconds after them. */
export type TimestampLike = Date | bigint | { readonly seconds: bigint | number; readonly nanos?: number };

/** What can be said of an event beside its type and payload. */
export interface EventAttributes {
  /** When the event happened; left out where that is not known. */
  readonly timestamp?: TimestampLike | undefined;
  /** The caller's own identifier, echoed on the verdict. */
  readonly eventId?: string | undefined;
  /** "1.2.0", or the beginning of a version up to a dot; left out for the newest in service. */
  readonly contractVersion?: string | undefined;
}

/** One event to be checked. */
export interface AssayEvent extends EventAttributes {
  /** Which contract applies, for example "flight.arrived". */
  readonly eventType: string;
  /** The event's data. */
  readonly payload: Payload;
}

const KEYS: ReadonlySet<string> = new Set<keyof AssayEvent>([
  "eventType",
  "payload",
  "timestamp",
  "eventId",
  "contractVersion",
]);

/**
 * Returns `event` as an encoded `assay.v1.Event`.
 *
 * @throws EncodingError If it cannot be written.
 */
export function encodeEvent(event: AssayEvent): Uint8Array {
  if (typeof event !== "object" || event === null) {
    throw new EncodingError(`an event is an object, not ${kindOf(event)}`);
  }
  for (const key in event) {
    if (!KEYS.has(key)) throw new EncodingError(`an event has no ${JSON.stringify(key)}; it has ${[...KEYS].join(", ")}`);
  }
  const { payload, timestamp } = event;
  const message = create(EventSchema);
  message.eventType = textOf(event.eventType, "eventType");
  message.eventId = textOf(event.eventId ?? "", "eventId");
  message.contractVersion = textOf(event.contractVersion ?? "", "contractVersion");
  if (payload instanceof Struct) {
    message.body = { case: "payload", value: structFields(payload.fields) };
  } else if (payload !== null) {
    message.body = { case: "payloadJson", value: payloadBytes(payload) };
  }
  if (timestamp !== undefined) message.timestamp = timestampMessage(timestamp);
  return toBinary(EventSchema, message);
}

function textOf(value: string, name: string): string {
  if (typeof value !== "string") throw new EncodingError(`${name} is a string, not ${kindOf(value)}`);
  if (!value.isWellFormed()) throw new EncodingError(`${name} is not Unicode: it holds half of a surrogate pair`);
  return value;
}

function kindOf(value: unknown): string {
  return value === null || value === undefined ? `${value}` : `a ${typeof value}`;
}

const UTF8 = new TextEncoder();

function payloadBytes(payload: object | string | Uint8Array | undefined): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  if (payload === undefined) throw new EncodingError("the payload is undefined: pass null for an event without one");
  if (typeof payload !== "string") return UTF8.encode(jsonText(payload));
  if (!payload.isWellFormed()) throw new EncodingError("the payload's text is not Unicode: it holds half of a surrogate pair");
  return UTF8.encode(payload);
}

/** Returns `fields` as what a Struct can hold. */
function structFields(fields: Readonly<Record<string, unknown>>): JsonObject {
  const plain = plainOf(fields);
  if (typeof plain !== "object" || plain === null || Array.isArray(plain)) throw new EncodingError("a Struct is of an object");
  try {
    JSON.stringify(plain);
  } catch {
    throw new EncodingError("the Struct holds a bigint, and its numbers are doubles: send the payload as an object or as JSON");
  }
  return plain as JsonObject;
}

/**
 * Returns `timestamp` as a message, in whatever range: a time that the server does not take is its finding.
 *
 * @throws EncodingError If it is no time at all.
 */
export function timestampMessage(timestamp: TimestampLike): Timestamp {
  if (typeof timestamp === "bigint") return timestampOf(floorDivide(timestamp, 1_000_000_000n));
  if (timestamp instanceof Date) {
    const time = timestamp.getTime();
    if (Number.isNaN(time)) throw new EncodingError("the timestamp is an invalid Date");
    return timestampOf(floorDivide(BigInt(time) * 1_000_000n, 1_000_000_000n));
  }
  if (typeof timestamp !== "object" || timestamp === null || !("seconds" in timestamp)) {
    throw new EncodingError(
      `the timestamp is a Date, a bigint of nanoseconds since 1970, or {seconds, nanos}, not ${JSON.stringify(timestamp)}`,
    );
  }
  return timestampOf([timestamp.seconds, timestamp.nanos ?? 0]);
}

function timestampOf([seconds, nanos]: [bigint | number, bigint | number]): Timestamp {
  try {
    const [whole, rest] = [BigInt(seconds), Number(nanos)];
    if (BigInt.asIntN(64, whole) === whole && (rest | 0) === rest)
      return create(TimestampSchema, { seconds: whole, nanos: rest });
  } catch {
    // Not a whole number.
  }
  throw new EncodingError(`the timestamp's seconds and nanos are whole numbers of 64 and 32 bits, not ${seconds} and ${nanos}`);
}

function floorDivide(value: bigint, by: bigint): [bigint, bigint] {
  const rest = ((value % by) + by) % by;
  return [(value - rest) / by, rest];
}

/** Returns the Date that lies in the same millisecond. */
export function dateOf(timestamp: Timestamp): Date {
  return new Date(Number(timestamp.seconds) * 1e3 + Math.floor(timestamp.nanos / 1e6));
}

/** Returns nanoseconds since 1970 UTC. */
export function nanosecondsOf(timestamp: Timestamp): bigint {
  return timestamp.seconds * 1_000_000_000n + BigInt(timestamp.nanos);
}
