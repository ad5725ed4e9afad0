package assay

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/protobuf/types/known/structpb"
)

// A verdict is valid only if the server says so and every enforcement in it is one that this client knows.
func TestUnknownEnforcementIsNeverValid(t *testing.T) {
	for enforcement, expected := range map[Enforcement]bool{
		-1: false, 0: false, EnforcementAudit: true, EnforcementWarn: true, EnforcementReject: true, 4: false, 99: false,
	} {
		findings := []*Finding{{Enforcement: EnforcementWarn}, {Enforcement: enforcement}}
		verdict := Verdict{&assayv1.Verdict{Valid: true, Findings: findings}}
		if verdict.Valid() != expected || (verdict.Err() == nil) != expected {
			t.Errorf("with enforcement %v, valid is %t, and the error %v", enforcement, verdict.Valid(), verdict.Err())
		}
		if verdict.Findings()[1].Enforcement != enforcement {
			t.Errorf("%d is read as %v", enforcement, verdict.Findings()[1].Enforcement)
		}
	}
	if (Verdict{&assayv1.Verdict{}}).Valid() || !(Verdict{&assayv1.Verdict{Valid: true}}).Valid() {
		t.Error("without findings, the server's word does not count")
	}
}

// The zero verdict, which comes with an error, says nothing and is not valid.
func TestZeroVerdict(t *testing.T) {
	var verdict Verdict
	if verdict.Valid() || verdict.EventID() != "" || verdict.Findings() != nil || verdict.NormalizedJSON() != nil ||
		verdict.Message() != nil {
		t.Error(verdict)
	}
	if err := verdict.Normalized(new(any)); err != ErrNotNormalized {
		t.Error(err)
	}
}

// The error of an event that is not valid holds the verdict, and lists what was found.
func TestVerdictAsAnError(t *testing.T) {
	verdict := Verdict{&assayv1.Verdict{EventId: "7", Findings: []*Finding{
		{Check: "schema.missing", Field: "/sku", Message: "Field required"}, {Check: "rules.x", Message: "no"},
	}}}
	err := fmt.Errorf("wrapped: %w", verdict.Err())
	var invalid *InvalidEventError
	if !errors.As(err, &invalid) || invalid.Verdict != verdict {
		t.Fatal(err)
	}
	expected := "assay: event \"7\" is not valid\n  /sku: Field required [schema.missing]\n  (event): no [rules.x]"
	if invalid.Error() != expected {
		t.Error(invalid)
	}
	if text := fmt.Sprint(verdict); text != `Verdict(event_id="7", valid=false, findings=["schema.missing" "rules.x"])` {
		t.Error(text)
	}
}

// The normalised payload is read into a struct or a map, in whichever encoding it came, with all digits.
func TestNormalized(t *testing.T) {
	payload, _ := structpb.NewStruct(map[string]any{"sku": "A1", "count": 3})
	asJSON := Verdict{&assayv1.Verdict{NormalizedBody: &assayv1.Verdict_NormalizedPayloadJson{
		NormalizedPayloadJson: []byte(`{"sku":"A1","count":9007199254740993}`),
	}}}
	asStruct := Verdict{&assayv1.Verdict{NormalizedBody: &assayv1.Verdict_NormalizedPayload{NormalizedPayload: payload}}}
	for _, test := range []struct {
		verdict Verdict
		count   string
	}{{asJSON, "9007199254740993"}, {asStruct, "3"}} {
		var order struct {
			SKU   string
			Count int64
		}
		var object map[string]any
		if err := errors.Join(test.verdict.Normalized(&order), test.verdict.Normalized(&object)); err != nil {
			t.Fatal(err)
		}
		if order.SKU != "A1" || fmt.Sprint(order.Count) != test.count || object["count"] != json.Number(test.count) {
			t.Error(order, object)
		}
		if err := test.verdict.Normalized(&[]int{}); err == nil || errors.Is(err, ErrNotNormalized) {
			t.Error(err)
		}
	}
	if string(asJSON.NormalizedJSON()) != `{"sku":"A1","count":9007199254740993}` || asStruct.NormalizedJSON() != nil {
		t.Error(asJSON.NormalizedJSON(), asStruct.NormalizedJSON())
	}
}
