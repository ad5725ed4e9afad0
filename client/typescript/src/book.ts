/** The book of a stream: what was sent, what was answered, what to send again. It does no I/O and never waits. */

import { type CallError, InternalError, UnavailableError } from "./errors.js";
import type { AssayEvent } from "./events.js";
import { Gatherer } from "./gatherer.js";
import {
  type ValidateOptions,
  ValidateStreamRequestSchema,
  type ValidateStreamResponse,
} from "./gen/assay/v1/validation_service_pb.js";
import type { Verdict } from "./gen/assay/v1/verdict_pb.js";
import { bytesOf, encodeMessage } from "./messages.js";
import type { StreamTuning } from "./options.js";
import { errorOf } from "./status.js";

interface Message {
  readonly sequence: bigint;
  readonly count: number;
  readonly bytes: Buffer;
}

/**
 * Gathers events into messages, and keeps each message until it is answered.
 *
 * A message in line has its sequence and never changes; `#sent` of them, the oldest, have been handed out for the call under
 * way. When a call ends early that count goes back to nothing, so that the next call begins with the first message without an
 * answer.
 */
export class Book {
  readonly #tuning: StreamTuning;
  readonly #options: Buffer;
  readonly #gatherer: Gatherer;
  readonly #line: Message[] = [];
  #sent = 0;
  #lastSequence = 0n;
  #held = 0;
  #heldBytes = 0;
  #answered = 0;
  #fruitless = 0;
  #inputError: { readonly error: unknown } | undefined;

  /** When the events gathered so far are to be flushed, by the clock of `add`; undefined if there are none. */
  due: number | undefined;
  /** Whether no more events come. */
  inputEnded = false;

  constructor(tuning: StreamTuning, options: ValidateOptions | undefined) {
    this.#tuning = tuning;
    // A message's encoding may be cut anywhere between two fields: the options go before those of a call's first message.
    this.#options = options ? bytesOf(ValidateStreamRequestSchema, { options }) : Buffer.alloc(0);
    this.#gatherer = new Gatherer(Math.min(tuning.maxEventsPerMessage, tuning.lookAhead), tuning.maxBytesPerMessage);
  }

  /** Whether another event may be read from the input. */
  get hasRoom(): boolean {
    return this.#held < this.#tuning.lookAhead && this.#heldBytes < this.#tuning.lookAheadBytes;
  }

  /**
   * Takes the next event of the input; `now` is in milliseconds, by a clock that never goes back.
   *
   * @returns Whether a message came of it.
   * @throws EncodingError If the event cannot be sent; its position is in the error.
   */
  add(event: AssayEvent, now: number): boolean {
    const full = this.#gatherer.add(event);
    this.#held += 1;
    if (full) this.#putInLine(full);
    if (this.#gatherer.count && (this.due === undefined || full)) this.due = now + this.#tuning.maxDelayMs;
    if (this.hasRoom && (this.due === undefined || this.due > now)) return full !== undefined;
    return this.flush() || full !== undefined;
  }

  /** Puts what is gathered in line, to be sent as it is; returns whether there was anything. */
  flush(): boolean {
    const events = this.#gatherer.flush();
    if (events) this.#putInLine(events);
    return events !== undefined;
  }

  /** Notes that no more events come; if it was `failure` that ended them, it is thrown once all before are answered. */
  endInput(failure?: { readonly error: unknown }): void {
    this.flush();
    this.inputEnded = true;
    this.#inputError = failure;
  }

  /** Throws what reading the input ended with, if it was an error. */
  throwInputError(): void {
    if (this.#inputError) throw this.#inputError.error;
  }

  #putInLine(events: Uint8Array[]): void {
    this.#lastSequence += 1n;
    const sequence = this.#lastSequence;
    const start = bytesOf(ValidateStreamRequestSchema, { sequence });
    const bytes = encodeMessage(start, events, ValidateStreamRequestSchema.field.events);
    this.#line.push({ sequence, count: events.length, bytes });
    this.#heldBytes += bytes.length;
    this.due = undefined;
  }

  /** Whether there is a message for the call under way, or for a new one. */
  get hasUnsent(): boolean {
    return this.#sent < this.#line.length;
  }

  /** Notes that a call begins, on which nothing has been sent. */
  beginCall(): void {
    this.#sent = 0;
  }

  /** Returns the next message for the call under way, encoded; undefined if there is none at present. */
  nextMessage(): Buffer | undefined {
    const message = this.#line[this.#sent];
    if (!message) return undefined;
    this.#sent += 1;
    const isFirst = this.#sent === 1 && this.#options.length > 0;
    return isFirst ? Buffer.concat([this.#options, message.bytes]) : message.bytes;
  }

  /**
   * Strikes the oldest message from the line, and returns its verdicts.
   *
   * @throws InternalError If `response` does not answer that message.
   */
  answer({ sequence, verdicts }: ValidateStreamResponse): readonly Verdict[] {
    const expected = this.#sent ? this.#line[0] : undefined;
    if (sequence !== expected?.sequence || verdicts.length !== expected.count) {
      const due = expected ? `${expected.count} verdicts for sequence ${expected.sequence}` : "nothing";
      throw new InternalError({
        code: "INTERNAL",
        details: `the server broke the contract: ${due} was due, but it sent ${verdicts.length} verdicts for sequence ${sequence}`,
      });
    }
    this.#line.shift();
    this.#heldBytes -= expected.bytes.length;
    this.#sent -= 1;
    this.#answered += verdicts.length;
    this.#fruitless = 0;
    return verdicts;
  }

  /** Notes that the caller has taken `count` verdicts, and makes room for as many events. */
  release(count: number): void {
    this.#held -= count;
  }

  /**
   * Notes that the call under way has ended, with `error` or else with OK.
   *
   * @returns After how many milliseconds the stream may be carried on, if there is anything left to do.
   * @throws CallError If another call would not help, or too many have not.
   */
  callEnded(error?: CallError): number {
    this.#sent = 0;
    if (!error && !this.#line.length) return 0;
    const ended = { code: "UNAVAILABLE", details: "the server ended the stream before all was answered" } as const;
    const failure = error ?? new UnavailableError(ended);
    const { code, retryDelayMs } = failure;
    const askedToWait = code === "RESOURCE_EXHAUSTED" && retryDelayMs !== undefined;
    if (!askedToWait && code !== "UNAVAILABLE" && code !== "CANCELLED") throw failure;
    if (!this.#line.length) return retryDelayMs ?? 0;
    const { maxAttempts, initialBackoffMs, maxBackoffMs } = this.#tuning;
    if (!maxAttempts) throw failure;
    if (this.#fruitless >= maxAttempts) throw this.#givenUp(failure);
    const jitter = 0.8 + 0.4 * Math.random();
    const wait = Math.min(maxBackoffMs, initialBackoffMs * 2 ** this.#fruitless) * jitter;
    this.#fruitless += 1;
    return Math.max(wait, retryDelayMs ?? 0);
  }

  #givenUp({ code, details, reason, metadata, retryDelayMs, violations }: CallError): CallError {
    const story =
      `the stream broke off after ${this.#answered} events were answered, and ${this.#fruitless} attempts in a row to ` +
      `carry it on got no further; the last of them: ${details}`;
    return errorOf({ code, details: story, reason, metadata, retryDelayMs, violations });
  }
}
