/** JSON text that keeps every integer exact, both ways. */

import { type Plain, plainOf, tooDeep } from "./plain.js";

/**
 * Returns `value` as JSON text, as `JSON.stringify` would, but exactly: a bigint becomes the integer that it is, a Map an
 * object, a Set an array; and what JSON has no form for is refused where `JSON.stringify` would write null for it.
 *
 * @throws EncodingError If JSON has no place for something in it; the place, as a JSON Pointer, is in the message.
 */
export function jsonText(value: unknown): string {
  try {
    return fastText(value) ?? exactText(plainOf(value));
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep();
    throw error;
  }
}

/** Returns what `JSON.stringify` writes, unless something may have been lost on the way. */
function fastText(value: unknown): string | undefined {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    // A bigint, or a circle: the exact way takes the one and explains the other.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
  // NaN and infinities read null, Maps and Sets read {}.
  return text === undefined || text.includes("null") || text.includes("{}") ? undefined : text;
}

function exactText(value: Plain): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(exactText).join(",")}]`;
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${exactText(member)}`);
  return `{${members.join(",")}}`;
}

const INTEGER = /^-?\d+$/;
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Returns what JSON text stands for; an integer that a number cannot hold exactly is a bigint. */
export function parseJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const mark = `bigint:${crypto.randomUUID()}:`;
  const marked = text.replace(TOKEN, (token) =>
    INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token,
  );
  return JSON.parse(marked, (_, value) =>
    typeof value === "string" && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}
