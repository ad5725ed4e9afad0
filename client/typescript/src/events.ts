/** Events as callers write them, and as bytes. */

import type { DescField, JsonObject } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { EncodingError } from "./errors.js";
import { EventSchema } from "./gen/assay/v1/event_pb.js";
import { jsonText } from "./json.js";
import { bytesOf } from "./messages.js";
import { plainOf } from "./plain.js";
import { type SecondsAndNanos, secondsAndNanos, type TimestampLike } from "./timestamps.js";

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

const { eventId: EVENT_ID, eventType: EVENT_TYPE, contractVersion: CONTRACT_VERSION, ...FIELD } = EventSchema.field;
const { seconds: SECONDS, nanos: NANOS } = TimestampSchema.field;

/** A field `payload`, encoded: one field of a message may be written among others. */
class EncodedStruct {
  constructor(readonly field: Uint8Array) {}
}

/** Keeps its buffer from one event to the next. */
const writer = new BinaryWriter();

/**
 * Returns `event` as an encoded `assay.v1.Event`.
 *
 * It is written field by field: a message object for each event would take several times as long.
 *
 * @throws EncodingError If it cannot be written.
 */
export function encodeEvent(event: AssayEvent): Uint8Array {
  if (typeof event !== "object" || event === null) throw new EncodingError(`an event is an object, not ${kindOf(event)}`);
  for (const key in event) {
    if (!KEYS.has(key)) throw new EncodingError(`an event has no ${JSON.stringify(key)}; it has ${[...KEYS].join(", ")}`);
  }
  // All that may run the caller's own code, or fail, comes before the first byte.
  const eventId = checkedText(event.eventId ?? "", EVENT_ID);
  const eventType = checkedText(event.eventType, EVENT_TYPE);
  const contractVersion = checkedText(event.contractVersion ?? "", CONTRACT_VERSION);
  const time = event.timestamp === undefined ? undefined : secondsAndNanos(event.timestamp);
  const payload = encodedPayload(event.payload);
  writeText(EVENT_ID, eventId);
  writeText(EVENT_TYPE, eventType);
  writeText(CONTRACT_VERSION, contractVersion);
  if (time) writeTimestamp(time);
  if (payload instanceof EncodedStruct) writer.raw(payload.field);
  else if (typeof payload === "string") writer.tag(FIELD.payloadJson.number, WireType.LengthDelimited).string(payload);
  else if (payload) writer.tag(FIELD.payloadJson.number, WireType.LengthDelimited).bytes(payload);
  return writer.finish();
}

function checkedText(value: string, { localName }: DescField): string {
  if (typeof value !== "string") throw new EncodingError(`${localName} is a string, not ${kindOf(value)}`);
  if (!value.isWellFormed()) throw new EncodingError(`${localName} is not Unicode: it holds half of a surrogate pair`);
  return value;
}

function writeText({ number }: DescField, value: string): void {
  if (value) writer.tag(number, WireType.LengthDelimited).string(value);
}

function writeTimestamp({ seconds, nanos }: SecondsAndNanos): void {
  writer.tag(FIELD.timestamp.number, WireType.LengthDelimited).fork();
  if (seconds) writer.tag(SECONDS.number, WireType.Varint).int64(seconds);
  if (nanos) writer.tag(NANOS.number, WireType.Varint).int32(nanos);
  writer.join();
}

/** Returns JSON text, its bytes, or an encoded Struct; null if there is no payload. */
function encodedPayload(payload: Payload | undefined): string | Uint8Array | EncodedStruct | null {
  if (payload === undefined) throw new EncodingError("the payload is undefined: pass null for an event without one");
  if (payload === null || payload instanceof Uint8Array) return payload;
  if (payload instanceof Struct) {
    return new EncodedStruct(bytesOf(EventSchema, { body: { case: "payload", value: structFields(payload.fields) } }));
  }
  if (typeof payload !== "string") return jsonText(payload);
  if (!payload.isWellFormed()) throw new EncodingError("the payload's text is not Unicode: it holds half of a surrogate pair");
  return payload;
}

function kindOf(value: unknown): string {
  return value === null || value === undefined ? `${value}` : `a ${typeof value}`;
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
