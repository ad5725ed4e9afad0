/** The answer for one event. */

import { inspect } from "node:util";
import { Enforcement, isKnown } from "./enums.js";
import { InvalidEventError } from "./errors.js";
import { type Explanation, explanationOf, type Finding, findingOf, type SkippedCheck, skippedCheckOf } from "./findings.js";
import type * as wire from "./gen/assay/v1/verdict_pb.js";
import { parseJson } from "./json.js";
import { dateOf, nanosecondsOf } from "./timestamps.js";

/**
 * Assay's answer for one event. Made by the client; never changes.
 *
 * Each property is made from the message that came in when it is asked for, so a verdict that is only looked at for `valid`
 * costs next to nothing.
 */
export class Verdict {
  readonly #message: wire.Verdict;

  /** @internal */
  constructor(message: wire.Verdict) {
    this.#message = message;
  }

  /** The event's own eventId. */
  get eventId(): string {
    return this.#message.eventId;
  }

  /**
   * Whether the event is valid: no finding is at or above the call's `rejectFrom`.
   *
   * False too if a finding has an enforcement that this client does not know. Read `skippedChecks` where a check that could not
   * run matters: a valid event may not have been checked completely.
   */
  get valid(): boolean {
    const { valid, findings } = this.#message;
    return valid && findings.every(({ enforcement }) => isKnown(Enforcement, enforcement));
  }

  /** When the verdict was reached, by the server's clock, to the millisecond. */
  get processedAt(): Date {
    const { processedAt } = this.#message;
    return processedAt ? dateOf(processedAt) : new Date(0);
  }

  /** As `processedAt`, in nanoseconds since 1970 UTC. */
  get processedAtNanos(): bigint {
    const { processedAt } = this.#message;
    return processedAt ? nanosecondsOf(processedAt) : 0n;
  }

  /** What the checks found, in the order of the layers and, within one layer, of the contract. */
  get findings(): readonly Finding[] {
    return this.#message.findings.map(findingOf);
  }

  /** At least how many further findings were left out, at the server's cap or its size limit. */
  get omittedFindings(): number {
    return this.#message.omittedFindings;
  }

  /** The checks of the contract that could not run, and why. */
  get skippedChecks(): readonly SkippedCheck[] {
    return this.#message.skippedChecks.map(skippedCheckOf);
  }

  /**
   * The payload after defaults, coercion and transformations; parsed each time it is asked for. An integer that a number cannot
   * hold exactly is a bigint.
   *
   * Undefined unless the call asked for it with `returnNormalized` and the schema layer accepted the event.
   */
  get normalized(): Record<string, unknown> | undefined {
    const { case: kind, value } = this.#message.normalizedBody;
    if (kind === "normalizedPayload") return value;
    if (kind === "normalizedPayloadJson") return parseJson(new TextDecoder().decode(value)) as Record<string, unknown>;
    return undefined;
  }

  /** As `normalized`, but the JSON text's own bytes, to be passed on as they are; undefined for an event sent as a Struct. */
  get normalizedJson(): Uint8Array | undefined {
    const { case: kind, value } = this.#message.normalizedBody;
    return kind === "normalizedPayloadJson" ? value : undefined;
  }

  /** The contract that judged the event, for example "1.2.0+9f3a12c4"; empty if none did. */
  get contractVersion(): string {
    return this.#message.contractVersion;
  }

  /** What each statistical and anomaly check saw; empty unless the call asked for it with `explain`. */
  get explanations(): readonly Explanation[] {
    return this.#message.explanations.map(explanationOf);
  }

  /** Whether details of this verdict were left out because the response had reached the server's size limit. */
  get detailsOmitted(): boolean {
    return this.#message.detailsOmitted;
  }

  /**
   * Returns the verdict itself, so that calls chain.
   *
   * @throws InvalidEventError If the event is not valid.
   */
  throwIfInvalid(): this {
    if (!this.valid) throw new InvalidEventError(this);
    return this;
  }

  /**
   * Returns what `JSON.stringify` writes: all but the normalised payload. What JSON has no number for is text: infinities, and
   * counts beyond 2^53.
   */
  toJSON(): Record<string, unknown> {
    return JSON.parse(JSON.stringify(this.#fields(), printed));
  }

  /** @internal */
  [inspect.custom](): unknown {
    return { Verdict: this.#fields() };
  }

  #fields(): Record<string, unknown> {
    const { eventId, valid, processedAt, findings, omittedFindings, skippedChecks, contractVersion } = this;
    const { explanations, detailsOmitted } = this;
    return {
      eventId,
      valid,
      processedAt,
      findings,
      omittedFindings,
      skippedChecks,
      contractVersion,
      explanations,
      detailsOmitted,
    };
  }
}

function printed(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : `${value}`;
  return typeof value === "number" && !Number.isFinite(value) ? `${value}` : value;
}
