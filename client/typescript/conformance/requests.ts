/** A request of the conformance harness, as what the client's methods take. */

import {
  type AssayEvent,
  type BaselineQuery,
  type ClientOptions,
  type Payload,
  type StreamTuning,
  Struct,
  type ValidateOptions,
} from "assay-client";

interface EventRequest {
  eventType?: string;
  eventId?: string;
  contractVersion?: string;
  timestamp?: { seconds: number | string; nanos: number };
  payloadJson?: string;
  payload?: Record<string, unknown>;
}

/** One line of the harness; what is left out has its default. */
export interface Request {
  address: string;
  client?: {
    timeout?: number;
    token?: string;
    tls?: { ca?: string; certificate?: string; key?: string; serverName?: string };
  };
  call: string;
  events?: EventRequest[];
  repeat?: number;
  concurrency?: number;
  options?: ValidateOptions;
  timeout?: number;
  cancelAfter?: number;
  maxEventsPerMessage?: number;
  lookAhead?: number;
  maxAttempts?: number;
  brief?: boolean;
  eventType?: string;
  contractVersion?: string;
  check?: string;
  field?: string;
  group?: Record<string, string>;
  fresh?: boolean;
  leaks?: boolean;
}

/** The target for one or several addresses. */
export function target({ address }: Request): string {
  return address.includes(",") ? `ipv4:${address}` : address;
}

/** What a client's constructor takes. */
export function settings({ client = {} }: Request): ClientOptions {
  const { timeout, token, tls } = client;
  return { timeoutMs: milliseconds(timeout), token, tls };
}

/** The events, as often as they are to be sent. */
export function* events({ events = [], repeat = 1 }: Request): Generator<AssayEvent, void, undefined> {
  const read = events.map(eventOf);
  for (let time = 0; time < repeat; time += 1) yield* read;
}

/** How a stream is to be. */
export function tuning({ maxEventsPerMessage, lookAhead, maxAttempts }: Request): Partial<StreamTuning> {
  return Object.fromEntries(
    Object.entries({ maxEventsPerMessage, lookAhead, maxAttempts }).filter(([, value]) => value !== undefined),
  );
}

/** What a call takes beside its own, by the client's names. */
export function limits({ timeout }: Request): { timeoutMs?: number | undefined } {
  return { timeoutMs: milliseconds(timeout) };
}

/** Which baseline is meant. */
export function baseline({ field, group }: Request): BaselineQuery {
  return { field, group };
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

function eventOf({ eventType = "", eventId, contractVersion, timestamp, payloadJson, payload }: EventRequest): AssayEvent {
  let body: Payload = null;
  if (payloadJson !== undefined) body = Buffer.from(payloadJson, "base64");
  else if (payload !== undefined) body = new Struct(payload);
  return {
    eventType,
    payload: body,
    eventId,
    contractVersion,
    timestamp: timestamp && { seconds: BigInt(timestamp.seconds), nanos: timestamp.nanos },
  };
}
