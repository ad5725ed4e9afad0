/** What can go wrong: with an event that cannot be sent, with a call, or, only if asked to throw, with an event. */

import type { Verdict } from "./verdict.js";

/** The base of every error that this client throws for what it was asked to do. */
export class AssayError extends Error {
  override name = "AssayError";
}

/** An event cannot be put into a message: there is something about it that JSON or the contract cannot hold. */
export class EncodingError extends AssayError {
  override name = "EncodingError";

  /**
   * @param problem What is wrong, and what to do.
   * @param position Which of the events it is, counted from 0; undefined where there was only one.
   */
  constructor(
    readonly problem: string,
    readonly position?: number,
  ) {
    super(position === undefined ? problem : `event at position ${position}: ${problem}`);
  }
}

/** An event is not valid; thrown by `Verdict.throwIfInvalid` only. */
export class InvalidEventError extends AssayError {
  override name = "InvalidEventError";

  /** @param verdict The whole answer. */
  constructor(readonly verdict: Verdict) {
    const name = verdict.eventId ? `event ${JSON.stringify(verdict.eventId)}` : "event";
    const findings = verdict.findings.map(({ field, message, check }) => `\n  ${field || "(event)"}: ${message} [${check}]`);
    super(`${name} is not valid${findings.join("")}`);
  }
}

/** The canonical names of gRPC's status codes, as far as they stand for a failure. */
export type StatusCode =
  | "CANCELLED"
  | "UNKNOWN"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "DATA_LOSS"
  | "UNAUTHENTICATED";

/** What is wrong with one field of a request. */
export interface FieldViolation {
  /** The field's path in the request, for example "events[3].event_id". */
  readonly field: string;
  /** What is wrong with it. */
  readonly description: string;
}

/** What is known of a failed call. */
export interface CallFailure {
  readonly code: StatusCode;
  readonly details: string;
  readonly reason?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly retryDelayMs?: number | undefined;
  readonly violations?: readonly FieldViolation[];
}

/**
 * A call failed: something is wrong with the call itself, its caller, the server or the way there.
 *
 * Subclasses are those that a caller may want to treat differently; `code` and `reason` tell all of them apart.
 */
export class CallError extends AssayError {
  override name = "CallError";
  /** The status code. */
  readonly code: StatusCode;
  /** The status message, for people. */
  readonly details: string;
  /** The name of an ErrorReason without its prefix, such as "OVERLOADED"; empty if no Assay server gave one. */
  readonly reason: string;
  /** What the reason's documentation says goes with it, such as `{event_type: "flight.arrived"}`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** How many milliseconds the server asks to wait before the call is made again; undefined if it does not say so. */
  readonly retryDelayMs: number | undefined;
  /** For a malformed request, what is wrong with which field. */
  readonly violations: readonly FieldViolation[];

  constructor(failure: CallFailure) {
    const { code, details, reason = "", metadata = {}, violations = [] } = failure;
    const fields = violations.map(({ field, description }) => `\n  ${field}: ${description}`).join("");
    const incident = metadata.incident ? ` (incident ${metadata.incident})` : "";
    super(`${reason || code}: ${details}${fields}${incident}`);
    this.code = code;
    this.details = details;
    this.reason = reason;
    this.metadata = metadata;
    this.retryDelayMs = failure.retryDelayMs;
    this.violations = violations;
  }

  /** Identifies the server's log entry for an internal error; empty for any other. */
  get incident(): string {
    return this.metadata.incident ?? "";
  }
}

/** INVALID_ARGUMENT: the request lacks what it requires, or holds what the server does not take; see `violations`. */
export class MalformedRequestError extends CallError {
  override name = "MalformedRequestError";
}

/** NOT_FOUND: the catalog has no such event type, version, or baseline. */
export class NotFoundError extends CallError {
  override name = "NotFoundError";
}

/** UNAUTHENTICATED: no credentials, or none that the server accepts. */
export class UnauthenticatedError extends CallError {
  override name = "UnauthenticatedError";
}

/** PERMISSION_DENIED: the caller may not call this method. */
export class PermissionDeniedError extends CallError {
  override name = "PermissionDeniedError";
}

/** RESOURCE_EXHAUSTED: the server has as much work as it takes on; try again after `retryDelayMs`. */
export class OverloadedError extends CallError {
  override name = "OverloadedError";
}

/** UNAVAILABLE: no server could be reached, or the one that was is going away; tried again already, in vain. */
export class UnavailableError extends CallError {
  override name = "UnavailableError";
}

/** DEADLINE_EXCEEDED: there was no answer in time. */
export class DeadlineExceededError extends CallError {
  override name = "DeadlineExceededError";
}

/** INTERNAL: the server failed; whoever runs it finds why in its log, by `incident`. */
export class InternalError extends CallError {
  override name = "InternalError";
}
