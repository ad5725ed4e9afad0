/**
 * What a verdict is made of: findings, checks that could not run, explanations, and the numbers behind them.
 *
 * Field by field these are the messages of the same names in the wire contract.
 */

import type { Enforcement, Layer, SkipReason } from "./enums.js";
import type * as wire from "./gen/assay/v1/verdict_pb.js";

/** How a number compares with its history. */
export interface StatisticalEvidence {
  readonly kind: "statistical";
  /** Undefined for a field marked sensitive. */
  readonly observed: number | undefined;
  readonly expected: number;
  /**
   * How far the value is from expected, in the check's own unit: standard deviations for a sigma check. Infinite where all of
   * history is one value and this is another.
   */
  readonly deviation: number;
  readonly lower: number;
  readonly upper: number;
  readonly sampleCount: bigint;
  readonly group: Readonly<Record<string, string>>;
}

/** How a category compares with its history: it was seen `count` times among `sampleCount` values. */
export interface CategoricalEvidence {
  readonly kind: "categorical";
  readonly observed: string;
  readonly count: bigint;
  readonly sampleCount: bigint;
  readonly group: Readonly<Record<string, string>>;
}

/** What a model made of an event. A higher score is more anomalous; `percentile` is a share, 0 to 1. */
export interface AnomalyEvidence {
  readonly kind: "anomaly";
  readonly score: number;
  readonly threshold: number;
  readonly percentile: number;
  readonly modelVersion: string;
  readonly typicalScore: number;
  readonly contributions: readonly Contribution[];
}

/** What one feature added to an anomaly score. */
export interface Contribution {
  readonly feature: string;
  /** Undefined for a field marked sensitive. */
  readonly value: number | undefined;
  readonly amount: number;
}

/** The numbers behind a finding; `kind` tells which. */
export type Evidence = StatisticalEvidence | CategoricalEvidence | AnomalyEvidence;

/** One thing that a check found. */
export interface Finding {
  /** The check's stable identifier: programs match on it. */
  readonly check: string;
  readonly layer: Layer;
  readonly enforcement: Enforcement;
  /** A JSON Pointer (RFC 6901) into the payload, "@" and a name for a derived value, or empty for the event as a whole. */
  readonly field: string;
  /** For people; not stable. */
  readonly message: string;
  /** Undefined for layers that have no numbers to show, or if it is of a kind that this client does not know. */
  readonly evidence: Evidence | undefined;
  /** Set if the finding is that a required check could not run. */
  readonly skipReason: SkipReason | undefined;
}

/** A check that could not run on the event, and why. */
export interface SkippedCheck {
  readonly check: string;
  readonly field: string;
  readonly reason: SkipReason;
  readonly message: string;
}

/** What a statistical or anomaly check saw, whether or not it found anything. */
export interface Explanation {
  readonly check: string;
  readonly field: string;
  readonly evidence: Evidence | undefined;
}

/** Returns what a message says. */
export function findingOf(message: wire.Finding): Finding {
  const { check, layer, enforcement, field, skipReason } = message;
  return {
    check,
    layer,
    enforcement,
    field,
    message: message.message,
    evidence: evidenceOf(message.evidence),
    skipReason: skipReason || undefined,
  };
}

/** Returns what a message says. */
export function skippedCheckOf({ check, field, reason, message }: wire.SkippedCheck): SkippedCheck {
  return { check, field, reason, message };
}

/** Returns what a message says. */
export function explanationOf({ check, field, evidence }: wire.Explanation): Explanation {
  return { check, field, evidence: evidenceOf(evidence) };
}

function evidenceOf(message: wire.Evidence | undefined): Evidence | undefined {
  switch (message?.kind.case) {
    case "statistical": {
      const { observed, expected, deviation, lower, upper, sampleCount, group } = message.kind.value;
      return { kind: "statistical", observed, expected, deviation, lower, upper, sampleCount, group };
    }
    case "categorical": {
      const { observed, count, sampleCount, group } = message.kind.value;
      return { kind: "categorical", observed, count, sampleCount, group };
    }
    case "anomaly": {
      const { score, threshold, percentile, modelVersion, typicalScore, contributions } = message.kind.value;
      return {
        kind: "anomaly",
        score,
        threshold,
        percentile,
        modelVersion,
        typicalScore,
        contributions: contributions.map(({ feature, value, amount }) => ({ feature, value, amount })),
      };
    }
    default:
      return undefined;
  }
}
