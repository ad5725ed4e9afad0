/** What a user of the client sees, as the conformance harness wants it: protobuf's JSON, from the client's own types. */

import {
  AssayError,
  type Baseline,
  CallError,
  type EventType,
  type Evidence,
  type Explanation,
  type Finding,
  type Verdict,
} from "assay-client";

/** A verdict. */
export function verdict(one: Verdict): object {
  const { eventId, valid, omittedFindings, contractVersion, detailsOmitted, normalizedJson } = one;
  const normalized =
    normalizedJson === undefined
      ? { normalizedPayload: one.normalized }
      : { normalizedPayloadJson: Buffer.from(normalizedJson).toString("base64") };
  return {
    eventId,
    valid,
    processedAt: one.processedAt.toISOString(),
    findings: one.findings.map(finding),
    omittedFindings,
    skippedChecks: one.skippedChecks,
    contractVersion,
    explanations: one.explanations.map(explanation),
    detailsOmitted,
    ...normalized,
  };
}

/** An error; one that is no client's is thrown on. */
export function error(failed: unknown): object {
  if (!(failed instanceof AssayError)) throw failed;
  const { name: type, message } = failed;
  if (!(failed instanceof CallError)) return { type, code: "", reason: "", message };
  const { code, reason, metadata, retryDelayMs, violations } = failed;
  return {
    type,
    code,
    reason,
    metadata,
    retryDelay: retryDelayMs === undefined ? null : retryDelayMs / 1000,
    violations: violations.map(({ field }) => field),
    message,
  };
}

/** What the catalog says of an event type. */
export function eventType({ examples: _, ...one }: EventType): object {
  return one;
}

/** What history has taught. */
export function baseline(one: Baseline): object {
  const categories = one.categories.map(printable);
  return printable({ ...one, categories, updatedAt: one.updatedAt?.toISOString() });
}

function finding({ evidence, skipReason, ...rest }: Finding): object {
  return { ...rest, skipReason: skipReason ?? 0, ...evidenceField(evidence) };
}

function explanation({ evidence, ...rest }: Explanation): object {
  return { ...rest, ...evidenceField(evidence) };
}

function evidenceField(evidence: Evidence | undefined): object {
  if (evidence === undefined) return {};
  const { kind, ...numbers } = evidence;
  return { evidence: { [kind]: printable(numbers) } };
}

/** Returns numbers as JSON can hold them. */
function printable(numbers: object): object {
  const printed = Object.entries(numbers).map(([key, value]) => {
    const isText = typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value));
    return [key, isText ? `${value}` : value];
  });
  return Object.fromEntries(printed);
}
