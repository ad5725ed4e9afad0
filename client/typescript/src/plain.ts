/** From what callers hold their data in to what JSON has, and bigints. */

import { EncodingError } from "./errors.js";

/** A value that JSON has a form for; an integer may be a bigint. */
export type Plain = null | boolean | number | string | bigint | Plain[] | { [key: string]: Plain };

/**
 * Returns `value` as `JSON.stringify` would read it, but keeps bigints, and takes a Map for an object and a Set for an array.
 *
 * @throws EncodingError If it holds what JSON has no form for, also where `JSON.stringify` would write null for it; the place, as
 *   a JSON Pointer, is in the message.
 */
export function plainOf(value: unknown): Plain {
  try {
    return convert(value, "", []);
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep();
    throw error;
  }
}

/** Returns the error for a payload that is too deep for the stack. */
export function tooDeep(): EncodingError {
  return new EncodingError("the payload is nested too deeply to be written as JSON");
}

function convert(value: unknown, path: string, within: object[]): Plain {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "bigint":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw refused(`${value}`, path);
      return value;
    case "object":
      return value === null ? null : convertObject(value, path, within);
    default:
      throw refused(value === undefined ? "undefined" : `a ${typeof value}`, path);
  }
}

function convertObject(value: object, path: string, within: object[]): Plain {
  if (within.includes(value)) throw refused("an object that contains itself", path);
  if (value instanceof Number || value instanceof String || value instanceof Boolean) {
    return convert(value.valueOf(), path, within);
  }
  within.push(value);
  try {
    if ("toJSON" in value && typeof value.toJSON === "function") {
      const replacement: unknown = value.toJSON(path.slice(path.lastIndexOf("/") + 1));
      if (value instanceof Date && replacement === null) throw refused("an invalid Date", path);
      return convert(replacement, path, within);
    }
    if (Array.isArray(value) || value instanceof Set) {
      return Array.from(value, (item, index) => convert(item, `${path}/${index}`, within));
    }
    return convertMembers(value instanceof Map ? value : Object.entries(value), path, within);
  } finally {
    within.pop();
  }
}

function convertMembers(members: Iterable<[unknown, unknown]>, path: string, within: object[]): Plain {
  const converted: [string, Plain][] = [];
  for (const [key, item] of members) {
    if (typeof key !== "string") throw refused(`a Map with a key that is a ${typeof key}`, path);
    // As JSON.stringify has it: such a member is not there.
    if (item === undefined || typeof item === "function" || typeof item === "symbol") continue;
    converted.push([key, convert(item, `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, within)]);
  }
  // Unlike an assignment, this takes "__proto__" for a key like any other.
  return Object.fromEntries(converted);
}

function refused(what: string, path: string): EncodingError {
  const place = path ? `holds ${what} at ${path}` : `is ${what}`;
  return new EncodingError(`the payload ${place}: JSON has no form for that; send null, or leave it out`);
}
