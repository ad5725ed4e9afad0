/** How to check, and how a stream is gathered and carried on. */

import { create } from "@bufbuild/protobuf";
import type { Enforcement } from "./enums.js";
import { EncodingError } from "./errors.js";
import { type ValidateOptions as OptionsMessage, ValidateOptionsSchema } from "./gen/assay/v1/validation_service_pb.js";

/** How to check an event, and what to report. */
export interface ValidateOptions {
  /** Return the payload as the contract normalises it, in `Verdict.normalized`. */
  readonly returnNormalized?: boolean | undefined;
  /** Explain what every statistical and anomaly check saw, in `Verdict.explanations`. Costs time on every event. */
  readonly explain?: boolean | undefined;
  /** Leave history and every other learned state as they are. */
  readonly dryRun?: boolean | undefined;
  /** The least strict findings to report. If left out, WARN. */
  readonly reportFrom?: Enforcement | undefined;
  /** The least strict findings that make an event not valid. If left out, REJECT. */
  readonly rejectFrom?: Enforcement | undefined;
}

/** What every call takes. */
export interface CallOptions {
  /** How many milliseconds the call may take, in place of the client's own; Infinity for no limit. */
  readonly timeoutMs?: number | undefined;
  /** Ends the call when it is aborted; the call then fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How `validateStream` gathers events into messages, and how long it tries to carry on. */
export interface StreamTuning {
  /** How many events are read from the input, at most, ahead of the verdicts that the caller has taken. */
  readonly lookAhead: number;
  /** About how many bytes of events are held, at most, until they are answered. */
  readonly lookAheadBytes: number;
  /** How many events a message holds, at most. Servers take 10,000 unless set otherwise. */
  readonly maxEventsPerMessage: number;
  /** How many bytes of events a message holds, about; a larger event travels by itself. */
  readonly maxBytesPerMessage: number;
  /** How many milliseconds an event waits, at most, for others to fill its message. 0: each event travels by itself. */
  readonly maxDelayMs: number;
  /** How often in a row a broken stream is begun again without one more answer. 0: it is not carried on at all. */
  readonly maxAttempts: number;
  /** How many milliseconds to wait before the first of these attempts; twice as long before each of the next, ± 20 %. */
  readonly initialBackoffMs: number;
  /** How many milliseconds to wait before an attempt, at most; by default, the ten take about 20 seconds. */
  readonly maxBackoffMs: number;
}

/** How a stream is gathered and carried on unless the caller says otherwise. */
export const DEFAULT_TUNING: StreamTuning = Object.freeze({
  lookAhead: 5_000,
  lookAheadBytes: 16 << 20,
  maxEventsPerMessage: 500,
  maxBytesPerMessage: 1 << 20,
  maxDelayMs: 5,
  maxAttempts: 10,
  initialBackoffMs: 50,
  maxBackoffMs: 5_000,
});

/**
 * Returns `tuning` with every default filled in.
 *
 * @throws RangeError If a figure makes no sense.
 */
export function fullTuning(tuning: Partial<StreamTuning>): StreamTuning {
  const full = { ...DEFAULT_TUNING };
  for (const [name, value] of Object.entries(tuning) as [keyof StreamTuning, number | undefined][]) {
    if (!(name in DEFAULT_TUNING)) throw new RangeError(`there is no tuning ${JSON.stringify(name)}`);
    if (value === undefined) continue;
    const least = name.startsWith("look") || name.endsWith("PerMessage") ? 1 : 0;
    if (!(value >= least)) throw new RangeError(`${name} is ${value}: it must be ${least} or more`);
    full[name] = value;
  }
  return full;
}

/**
 * Returns the options as a message; undefined if each has its default.
 *
 * @throws EncodingError If an enforcement is no number that a message can hold.
 */
export function optionsMessage(options: ValidateOptions): OptionsMessage | undefined {
  const { returnNormalized = false, explain = false, dryRun = false, reportFrom = 0, rejectFrom = 0 } = options;
  if (!(returnNormalized || explain || dryRun || reportFrom || rejectFrom)) return undefined;
  for (const [name, value] of Object.entries({ reportFrom, rejectFrom })) {
    if ((value | 0) !== value)
      throw new EncodingError(`${name} is an Enforcement, a whole number, not ${JSON.stringify(value)}`);
  }
  return create(ValidateOptionsSchema, { returnNormalized, explain, dryRun, reportFrom, rejectFrom });
}
