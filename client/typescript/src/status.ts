/** From a failed call's status and its details to an error. */

import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { type Metadata, status } from "@grpc/grpc-js";
import {
  CallError,
  type CallFailure,
  DeadlineExceededError,
  type FieldViolation,
  InternalError,
  MalformedRequestError,
  NotFoundError,
  OverloadedError,
  PermissionDeniedError,
  type StatusCode,
  UnauthenticatedError,
  UnavailableError,
} from "./errors.js";

/** How a call ended, as `@grpc/grpc-js` tells it. */
export interface Status {
  readonly code: number;
  readonly details: string;
  readonly metadata?: Metadata | undefined;
}

const DETAILS_KEY = "grpc-status-details-bin";
const TYPE_PREFIX = "type.googleapis.com/google.rpc.";

const CLASSES: Partial<Record<StatusCode, typeof CallError>> = {
  INVALID_ARGUMENT: MalformedRequestError,
  NOT_FOUND: NotFoundError,
  UNAUTHENTICATED: UnauthenticatedError,
  PERMISSION_DENIED: PermissionDeniedError,
  UNAVAILABLE: UnavailableError,
  DEADLINE_EXCEEDED: DeadlineExceededError,
  INTERNAL: InternalError,
};

/** Returns the error that says why a call has failed; details that cannot be read are left out. */
export function callError({ code: number, details, metadata }: Status): CallError {
  const code = (status[number] ?? "UNKNOWN") as StatusCode;
  const failure: CallFailure = { code, details: details || code, ...readDetails(metadata) };
  return new (classOf(failure))(failure);
}

/** Returns an error of the class that goes with `failure`. */
export function errorOf(failure: CallFailure): CallError {
  return new (classOf(failure))(failure);
}

/** Returns the error for a call on a client that is, or was meanwhile, closed. */
export function closedError(): CallError {
  return new CallError({ code: "CANCELLED", details: "the client is closed" });
}

function classOf({ code, reason, retryDelayMs }: CallFailure): typeof CallError {
  // The code alone does not tell: a message above a size limit is RESOURCE_EXHAUSTED too, and no wait cures that.
  if (code === "RESOURCE_EXHAUSTED" && (reason === "OVERLOADED" || retryDelayMs !== undefined)) return OverloadedError;
  return CLASSES[code] ?? CallError;
}

type Details = Pick<CallFailure, "reason" | "metadata" | "retryDelayMs" | "violations">;

function readDetails(metadata: Metadata | undefined): Details {
  const [bytes] = metadata?.get(DETAILS_KEY) ?? [];
  if (!(bytes instanceof Uint8Array)) return {};
  try {
    let found: Details = {};
    for (const any of messages(bytes, 3)) found = { ...found, ...readDetail(text(any, 1), message(any, 2)) };
    return found;
  } catch {
    return {};
  }
}

/** Reads google.rpc.ErrorInfo, RetryInfo and BadRequest; any other message is passed over. */
function readDetail(url: string, bytes: Uint8Array): Details {
  if (!url.startsWith(TYPE_PREFIX)) return {};
  switch (url.slice(TYPE_PREFIX.length)) {
    case "ErrorInfo":
      return {
        reason: text(bytes, 1),
        metadata: Object.fromEntries(messages(bytes, 3).map((entry) => [text(entry, 1), text(entry, 2)])),
      };
    case "RetryInfo": {
      const delay = message(bytes, 1);
      return { retryDelayMs: integer(delay, 1) * 1e3 + integer(delay, 2) / 1e6 };
    }
    case "BadRequest": {
      const violations: FieldViolation[] = messages(bytes, 1).map((each) => ({
        field: text(each, 1),
        description: text(each, 2),
      }));
      return { violations };
    }
    default:
      return {};
  }
}

function messages(bytes: Uint8Array, field: number): Uint8Array[] {
  const reader = new BinaryReader(bytes);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === field && type === WireType.LengthDelimited) found.push(reader.bytes());
    else reader.skip(type, number);
  }
  return found;
}

function message(bytes: Uint8Array, field: number): Uint8Array {
  return messages(bytes, field).at(-1) ?? new Uint8Array();
}

function text(bytes: Uint8Array, field: number): string {
  return new TextDecoder().decode(message(bytes, field));
}

function integer(bytes: Uint8Array, field: number): number {
  const reader = new BinaryReader(bytes);
  let found = 0;
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === field && type === WireType.Varint) found = Number(reader.int64());
    else reader.skip(type, number);
  }
  return found;
}
