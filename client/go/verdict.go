package assay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	assayv1 "assay.dev/assay/gen/assay/v1"
)

// Verdict is Assay's answer for one event. It is small and passed by value; the zero Verdict, as comes with an error,
// is not valid.
//
// A verdict holds on to the whole response that it came with: keep what you need of it, rather than one in a thousand.
type Verdict struct {
	message *assayv1.Verdict
}

// Valid tells whether the event is valid: no finding is at or above the call's RejectFrom.
//
// It is false too if a finding has an enforcement that this client does not know. Read SkippedChecks where a check that
// could not run matters: a valid event may not have been checked completely.
func (v Verdict) Valid() bool {
	if !v.message.GetValid() {
		return false
	}
	for _, finding := range v.message.GetFindings() {
		if finding.Enforcement < EnforcementAudit || finding.Enforcement > EnforcementReject {
			return false
		}
	}
	return true
}

// Err returns nil if the event is valid, else an [*InvalidEventError].
func (v Verdict) Err() error {
	if v.Valid() {
		return nil
	}
	return &InvalidEventError{v}
}

// EventID returns the event's own ID.
func (v Verdict) EventID() string { return v.message.GetEventId() }

// ProcessedAt returns when the verdict was reached, by the server's clock.
func (v Verdict) ProcessedAt() time.Time { return v.message.GetProcessedAt().AsTime() }

// Findings returns what the checks found, in the order of the layers and, within one layer, of the contract.
func (v Verdict) Findings() []*Finding { return v.message.GetFindings() }

// OmittedFindings returns at least how many further findings were left out, at the server's cap or its size limit.
func (v Verdict) OmittedFindings() int { return int(v.message.GetOmittedFindings()) }

// SkippedChecks returns the checks of the contract that could not run, and why.
func (v Verdict) SkippedChecks() []*SkippedCheck { return v.message.GetSkippedChecks() }

// Explanations returns what each statistical and anomaly check saw; none unless the call asked for it with [Explain].
func (v Verdict) Explanations() []*Explanation { return v.message.GetExplanations() }

// ContractVersion returns the contract that judged the event, for example "1.2.0+9f3a12c4"; empty if none did.
func (v Verdict) ContractVersion() string { return v.message.GetContractVersion() }

// DetailsOmitted tells whether details of this verdict were left out because the response had reached the server's size
// limit.
func (v Verdict) DetailsOmitted() bool { return v.message.GetDetailsOmitted() }

// Normalized reads the payload, after defaults, coercion and transformations, into what into points to, as
// json.Unmarshal does, but for numbers that go into an interface: they become a json.Number, with all of their digits.
//
// It returns ErrNotNormalized unless the call asked for it with [ReturnNormalized] and the schema layer accepted the
// event.
func (v Verdict) Normalized(into any) error {
	text := v.NormalizedJSON()
	if text == nil {
		payload := v.message.GetNormalizedPayload()
		if payload == nil {
			return ErrNotNormalized
		}
		var err error
		if text, err = payload.MarshalJSON(); err != nil {
			return fmt.Errorf("assay: the normalised payload has no form in JSON: %w", err)
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("assay: the normalised payload does not fit into %T: %w", into, err)
	}
	return nil
}

// NormalizedJSON returns the normalised payload's JSON text, to be passed on as it is; nil if there is none, or if the
// event was sent as a Struct.
func (v Verdict) NormalizedJSON() []byte {
	if body, found := v.message.GetNormalizedBody().(*assayv1.Verdict_NormalizedPayloadJson); found {
		return body.NormalizedPayloadJson
	}
	return nil
}

// Message returns the message that came in, not to be changed; nil for the zero Verdict. Its own Valid is the server's
// word, which does not know what this client does not know: ask the verdict's Valid instead.
func (v Verdict) Message() *assayv1.Verdict { return v.message }

// String tells the event's ID, whether it is valid, and what was found, for logs.
func (v Verdict) String() string {
	checks := make([]string, len(v.Findings()))
	for i, finding := range v.Findings() {
		checks[i] = finding.Check
	}
	return fmt.Sprintf("Verdict(event_id=%q, valid=%t, findings=%q)", v.EventID(), v.Valid(), checks)
}
