package assay

import assayv1 "assay.dev/assay/gen/assay/v1"

// What verdicts and the catalog are made of, field by field as the wire contract describes it. Fields of an enum's type
// hold whatever number came in, also one that this client does not know.
type (
	// Finding is one thing that a check found. Programs match on Check; Field is a JSON Pointer into the payload.
	Finding = assayv1.Finding
	// SkippedCheck is a check that could not run on an event, and why.
	SkippedCheck = assayv1.SkippedCheck
	// Explanation is what a statistical or anomaly check saw, whether or not it found anything.
	Explanation = assayv1.Explanation
	// Evidence holds the numbers behind a finding, of one kind or another; GetStatistical and the like give nil for the
	// others.
	Evidence = assayv1.Evidence
	// EventType is an event type and its contract. A list of them comes without JsonSchema, Checks and Examples.
	EventType = assayv1.EventType
	// CheckDescription is one check of a contract.
	CheckDescription = assayv1.CheckDescription
	// Baseline is what history has taught about one field.
	Baseline = assayv1.GetBaselineResponse
	// Layer is one of the layers of checks, in the order in which they run.
	Layer = assayv1.Layer
	// Enforcement is what follows from a finding. Ordered: a higher number is stricter.
	Enforcement = assayv1.Enforcement
	// SkipReason is why a check could not run.
	SkipReason = assayv1.SkipReason
)

// The enforcements.
const (
	// EnforcementAudit: counted, and reported only to callers that ask; a check on trial.
	EnforcementAudit = assayv1.Enforcement_ENFORCEMENT_AUDIT
	// EnforcementWarn: reported; the event stays valid.
	EnforcementWarn = assayv1.Enforcement_ENFORCEMENT_WARN
	// EnforcementReject: reported; the event is not valid.
	EnforcementReject = assayv1.Enforcement_ENFORCEMENT_REJECT
)

// The layers.
const (
	// LayerEnvelope is the event around its payload: type, identifier, clock, size.
	LayerEnvelope = assayv1.Layer_LAYER_ENVELOPE
	// LayerSchema is types, constraints, defaults and transformations of the payload.
	LayerSchema = assayv1.Layer_LAYER_SCHEMA
	// LayerRules is rules across fields, and look-ups in reference data.
	LayerRules = assayv1.Layer_LAYER_RULES
	// LayerStatistics is comparison with history.
	LayerStatistics = assayv1.Layer_LAYER_STATISTICS
	// LayerAnomaly is models.
	LayerAnomaly = assayv1.Layer_LAYER_ANOMALY
)

// The reasons why a check could not run.
const (
	// SkipWarmingUp: history is still too short for the check's minimum.
	SkipWarmingUp = assayv1.SkipReason_SKIP_REASON_WARMING_UP
	// SkipInputMissing: the event lacks an optional field that the check needs.
	SkipInputMissing = assayv1.SkipReason_SKIP_REASON_INPUT_MISSING
	// SkipNoModel: no model has been trained or activated for the check.
	SkipNoModel = assayv1.SkipReason_SKIP_REASON_NO_MODEL
	// SkipUnavailable: the check itself, or something it depends on, failed, timed out or could not be reached.
	SkipUnavailable = assayv1.SkipReason_SKIP_REASON_UNAVAILABLE
	// SkipGroupLimit: the event's group is new, and the server holds as many groups as it may.
	SkipGroupLimit = assayv1.SkipReason_SKIP_REASON_GROUP_LIMIT
	// SkipModelMismatch: the active model was trained for other features than the contract now has.
	SkipModelMismatch = assayv1.SkipReason_SKIP_REASON_MODEL_MISMATCH
)
