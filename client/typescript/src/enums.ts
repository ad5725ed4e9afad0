/**
 * The numbers that the contract names, open to those that it will name later: a number from a newer server is kept as it
 * is, never an error, and never another member.
 */

type Open<T extends Record<string, number>> = T[keyof T] | (number & Record<never, never>);

/** The layers of checks, in the order in which they run. */
export const Layer = {
  /** Not a layer. */
  UNSPECIFIED: 0,
  /** The event around its payload: type, identifier, clock, size. */
  ENVELOPE: 1,
  /** Types, constraints, defaults and transformations of the payload. */
  SCHEMA: 2,
  /** Rules across fields, and look-ups in reference data. */
  RULES: 3,
  /** Comparison with history. */
  STATISTICS: 4,
  /** Models. */
  ANOMALY: 5,
} as const;
export type Layer = Open<typeof Layer>;

/** What follows from a finding. Ordered: a higher number is stricter. */
export const Enforcement = {
  /** Not an enforcement; in options, the server's default. */
  UNSPECIFIED: 0,
  /** Counted, and reported only to callers that ask: a check on trial. */
  AUDIT: 1,
  /** Reported; the event stays valid. */
  WARN: 2,
  /** Reported; the event is not valid. */
  REJECT: 3,
} as const;
export type Enforcement = Open<typeof Enforcement>;

/** Why a check could not run. */
export const SkipReason = {
  /** Not a reason. */
  UNSPECIFIED: 0,
  /** History is still too short for the check's minimum. */
  WARMING_UP: 1,
  /** The event lacks an optional field that the check needs. */
  INPUT_MISSING: 2,
  /** No model has been trained or activated for the check. */
  NO_MODEL: 3,
  /** The check itself, or something it depends on, failed, timed out or could not be reached. */
  UNAVAILABLE: 4,
  /** The event's group is new, and the server holds as many groups as it may. */
  GROUP_LIMIT: 5,
  /** The active model was trained for other features than the contract has. */
  MODEL_MISMATCH: 6,
} as const;
export type SkipReason = Open<typeof SkipReason>;

type Numbers = typeof Layer | typeof Enforcement | typeof SkipReason;

/** Returns the name of a number, such as "REJECT", or "UNKNOWN_9" for one that this client does not know. */
export function nameOf(numbers: Numbers, value: number): string {
  return Object.entries(numbers).find(([, number]) => number === value)?.[0] ?? `UNKNOWN_${value}`;
}

/** Whether this client knows what a number means. UNSPECIFIED means nothing. */
export function isKnown(numbers: Numbers, value: number): boolean {
  return value !== 0 && Object.values<number>(numbers).includes(value);
}
