/** What tests of streams have in common. */

import { status } from "@grpc/grpc-js";
import type { AssayEvent, Client, EventSource, StreamOptions } from "assay-client";
import { type StreamCall, withClient } from "./server.js";

/** What a server ends streams with when it shuts down. */
export const draining = { code: status.UNAVAILABLE, details: "draining" };

/** So many events, with their numbers as identifiers. */
export function* numbered(count: number, from = 0): Generator<AssayEvent, void, undefined> {
  for (let number = from; number < from + count; number += 1) yield { eventType: "t", payload: "{}", eventId: `${number}` };
}

/** The identifiers of so many events. */
export function identifiers(count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${number}`);
}

/** Runs `use` with a client of a server that treats streams as `validateStream` says. */
export async function withStreams(
  validateStream: (call: StreamCall) => void,
  use: (client: Client) => Promise<void>,
): Promise<void> {
  await withClient({ validateStream }, use);
}

/** Returns the identifiers of all verdicts, and what the stream failed with, if it did. */
export async function taken(client: Client, events: EventSource, options?: StreamOptions): Promise<[string[], unknown]> {
  const found: string[] = [];
  try {
    for await (const { eventId } of client.validateStream(events, options)) found.push(eventId);
  } catch (error) {
    return [found, error];
  }
  return [found, undefined];
}
