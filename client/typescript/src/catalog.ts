/** What the catalog tells: event types, their checks, and what history has taught. */

import type { Enforcement, Layer, SkipReason } from "./enums.js";
import { type AssayEvent, type Payload, Struct } from "./events.js";
import * as wire from "./gen/assay/v1/catalog_service_pb.js";
import type * as wireEvent from "./gen/assay/v1/event_pb.js";
import { bytesOf } from "./messages.js";
import { dateOf, nanosecondsOf, type TimestampLike, timestampMessage } from "./timestamps.js";

/** One check of a contract. */
export interface CheckDescription {
  /** Its stable identifier. */
  readonly check: string;
  readonly layer: Layer;
  readonly enforcement: Enforcement;
  /** The place it looks at, as in `Finding.field`. */
  readonly field: string;
  readonly description: string;
  /** Why it cannot run now: no group has enough history, or no model is active; undefined if it can. */
  readonly notReady: SkipReason | undefined;
}

/** An event type and its contract. A list of event types comes without `jsonSchema`, `checks` and `examples`. */
export interface EventType {
  readonly eventType: string;
  readonly contractVersion: string;
  /** What the event means, in its author's words. */
  readonly description: string;
  /** The payload's schema, as JSON Schema 2020-12 text. */
  readonly jsonSchema: string;
  /** Every check beyond the schema, in the order in which they run. */
  readonly checks: readonly CheckDescription[];
  /** Events that the contract accepts, as they could be sent. */
  readonly examples: readonly AssayEvent[];
}

/** The value at a rank, 0 to 1, of a distribution. */
export interface Quantile {
  readonly rank: number;
  readonly value: number;
}

/** How often a category was seen. */
export interface Category {
  readonly value: string;
  readonly count: bigint;
}

/** What history has taught about one field. */
export interface Baseline {
  readonly sampleCount: bigint;
  readonly mean: number;
  readonly standardDeviation: number;
  /** 0 for a field marked sensitive, as `maximum` is. */
  readonly minimum: number;
  readonly maximum: number;
  /** By ascending rank; empty for a field marked sensitive. */
  readonly quantiles: readonly Quantile[];
  /** For a check of categories, most frequent first. */
  readonly categories: readonly Category[];
  /** When the newest value happened; undefined if there is none, or none had a time. */
  readonly updatedAt: Date | undefined;
}

/** Which baseline is meant. */
export interface BaselineQuery {
  /** The place the check looks at, for example "/air_time". */
  readonly field?: string | undefined;
  /** The group's values, for example `{carrier: "UA"}`; none if the check is ungrouped. */
  readonly group?: Readonly<Record<string, string>> | undefined;
  /** The time from which the check's window counts back; now, if not given. */
  readonly at?: TimestampLike | undefined;
}

/** Returns the request that asks for a baseline, encoded. */
export function baselineRequest(eventType: string, check: string, { field = "", group = {}, at }: BaselineQuery): Buffer {
  const time = at === undefined ? {} : { at: timestampMessage(at) };
  return bytesOf(wire.GetBaselineRequestSchema, { eventType, check, field, group, ...time });
}

/** Returns what a message says. */
export function eventTypeOf(message: wire.EventType): EventType {
  const { eventType, contractVersion, description, jsonSchema } = message;
  return {
    eventType,
    contractVersion,
    description,
    jsonSchema,
    checks: message.checks.map(checkOf),
    examples: message.examples.map(eventOf),
  };
}

/** Returns what a message says. */
export function baselineOf(message: wire.GetBaselineResponse): Baseline {
  const { mean, standardDeviation, minimum, maximum, updatedAt } = message;
  return {
    sampleCount: message.sampleCount,
    mean,
    standardDeviation,
    minimum,
    maximum,
    quantiles: message.quantiles.map(({ rank, value }) => ({ rank, value })),
    categories: message.categories.map(({ value, count }) => ({ value, count })),
    updatedAt: updatedAt && dateOf(updatedAt),
  };
}

function checkOf(message: wire.CheckDescription): CheckDescription {
  const { check, layer, enforcement, field, description, notReady } = message;
  return { check, layer, enforcement, field, description, notReady: notReady || undefined };
}

function eventOf({ eventType, body, timestamp, eventId, contractVersion }: wireEvent.Event): AssayEvent {
  return {
    eventType,
    payload: payloadOf(body),
    timestamp: timestamp && nanosecondsOf(timestamp),
    eventId,
    contractVersion,
  };
}

function payloadOf(body: wireEvent.Event["body"]): Payload {
  if (body.case === "payload") return new Struct(body.value);
  return body.case === "payloadJson" ? new TextDecoder().decode(body.value) : null;
}
