/** Times as callers write them, and as messages. */

import { create } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { EncodingError } from "./errors.js";

/** A time: a Date; nanoseconds since 1970 UTC as a bigint; or seconds since then, and the nanoseconds after them. */
export type TimestampLike = Date | bigint | { readonly seconds: bigint | number; readonly nanos?: number };

/** A time as messages have it, in whatever range: one that the server does not take is its finding. */
export interface SecondsAndNanos {
  readonly seconds: bigint | number;
  readonly nanos: number;
}

/**
 * Returns `timestamp` in seconds and nanoseconds, such as fit in a message.
 *
 * @throws EncodingError If it is no time at all.
 */
export function secondsAndNanos(timestamp: TimestampLike): SecondsAndNanos {
  if (timestamp instanceof Date) {
    const time = timestamp.getTime();
    if (Number.isNaN(time)) throw new EncodingError("the timestamp is an invalid Date");
    const seconds = Math.floor(time / 1e3);
    return { seconds, nanos: (time - seconds * 1e3) * 1e6 };
  }
  if (typeof timestamp === "bigint") {
    const nanos = ((timestamp % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    return checked({ seconds: (timestamp - nanos) / 1_000_000_000n, nanos: Number(nanos) });
  }
  if (typeof timestamp !== "object" || timestamp === null || !("seconds" in timestamp)) {
    const given = typeof timestamp === "object" ? "another object" : `a ${typeof timestamp}`;
    throw new EncodingError(`the timestamp is a Date, a bigint of nanoseconds since 1970, or {seconds, nanos}, not ${given}`);
  }
  return checked({ seconds: timestamp.seconds, nanos: timestamp.nanos ?? 0 });
}

function checked({ seconds, nanos }: SecondsAndNanos): SecondsAndNanos {
  const isWhole = typeof seconds === "bigint" ? BigInt.asIntN(64, seconds) === seconds : Number.isSafeInteger(seconds);
  if (isWhole && (nanos | 0) === nanos) return { seconds, nanos };
  throw new EncodingError(`the timestamp's seconds and nanos are whole numbers of 64 and 32 bits, not ${seconds} and ${nanos}`);
}

/** Returns `timestamp` as a message. */
export function timestampMessage(timestamp: TimestampLike): Timestamp {
  const { seconds, nanos } = secondsAndNanos(timestamp);
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos });
}

/** Returns the Date that lies in the same millisecond. */
export function dateOf(timestamp: Timestamp): Date {
  return new Date(Number(timestamp.seconds) * 1e3 + Math.floor(timestamp.nanos / 1e6));
}

/** Returns nanoseconds since 1970 UTC. */
export function nanosecondsOf(timestamp: Timestamp): bigint {
  return timestamp.seconds * 1_000_000_000n + BigInt(timestamp.nanos);
}
