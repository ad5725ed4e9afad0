package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"assay.dev/assay"
	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// request is what the harness asks for; what is absent has its default.
type request struct {
	Address string          `json:"address"`
	Client  json.RawMessage `json:"client"`
	Fresh   bool            `json:"fresh"`
	Leaks   bool            `json:"leaks"`

	Call                string   `json:"call"`
	Timeout             *float64 `json:"timeout"`
	Events              []event  `json:"events"`
	Repeat              int      `json:"repeat"`
	Options             options  `json:"options"`
	CancelAfter         int      `json:"cancelAfter"`
	MaxEventsPerMessage int      `json:"maxEventsPerMessage"`
	LookAhead           int      `json:"lookAhead"`
	MaxAttempts         *int     `json:"maxAttempts"`
	Concurrency         int      `json:"concurrency"`
	Brief               bool     `json:"brief"`

	EventType       string            `json:"eventType"`
	ContractVersion string            `json:"contractVersion"`
	Check           string            `json:"check"`
	Field           string            `json:"field"`
	Group           map[string]string `json:"group"`
}

type event struct {
	EventType       string `json:"eventType"`
	EventID         string `json:"eventId"`
	ContractVersion string `json:"contractVersion"`
	Timestamp       *struct {
		Seconds json.Number `json:"seconds"`
		Nanos   int32       `json:"nanos"`
	} `json:"timestamp"`
	PayloadJSON *[]byte         `json:"payloadJson"`
	Payload     json.RawMessage `json:"payload"`
}

type options struct {
	ReturnNormalized bool              `json:"returnNormalized"`
	Explain          bool              `json:"explain"`
	DryRun           bool              `json:"dryRun"`
	ReportFrom       assay.Enforcement `json:"reportFrom"`
	RejectFrom       assay.Enforcement `json:"rejectFrom"`
}

// events returns the events of the request, as often as they are to be sent.
func (r *request) events() ([]assay.Event, error) {
	events := make([]assay.Event, len(r.Events))
	for i, each := range r.Events {
		message := &assayv1.Event{EventType: each.EventType, EventId: each.EventID, ContractVersion: each.ContractVersion}
		if each.Timestamp != nil {
			seconds, err := each.Timestamp.Seconds.Int64() // A number, or a text where that would be rounded.
			if err != nil {
				return nil, fmt.Errorf("the timestamp has no seconds: %w", err)
			}
			message.Timestamp = &timestamppb.Timestamp{Seconds: seconds, Nanos: each.Timestamp.Nanos}
		}
		// The message brings timestamps that no time.Time can hold; everything else is set as users do.
		events[i] = assay.EventFromMessage(message)
		switch {
		case each.PayloadJSON != nil:
			events[i].Payload = *each.PayloadJSON
		case each.Payload != nil && !bytes.Equal(each.Payload, []byte("null")):
			payload := new(structpb.Struct)
			if err := payload.UnmarshalJSON(each.Payload); err != nil {
				return nil, fmt.Errorf("the payload is no Struct: %w", err)
			}
			events[i].Payload = payload
		}
	}
	return slices.Repeat(events, max(r.Repeat, 1)), nil
}

func (r *request) validateOptions() []assay.ValidateOption {
	var chosen []assay.ValidateOption
	if r.Options.ReturnNormalized {
		chosen = append(chosen, assay.ReturnNormalized())
	}
	if r.Options.Explain {
		chosen = append(chosen, assay.Explain())
	}
	if r.Options.DryRun {
		chosen = append(chosen, assay.DryRun())
	}
	if r.Options.ReportFrom != 0 {
		chosen = append(chosen, assay.ReportFrom(r.Options.ReportFrom))
	}
	if r.Options.RejectFrom != 0 {
		chosen = append(chosen, assay.RejectFrom(r.Options.RejectFrom))
	}
	return chosen
}

func (r *request) streamOptions() []assay.StreamOption {
	tuning := assay.StreamTuning{MaxEventsPerMessage: r.MaxEventsPerMessage, LookAhead: r.LookAhead}
	if r.MaxAttempts != nil {
		if tuning.MaxAttempts = *r.MaxAttempts; tuning.MaxAttempts == 0 {
			tuning.MaxAttempts = -1
		}
	}
	chosen := []assay.StreamOption{assay.WithTuning(tuning)}
	for _, option := range r.validateOptions() {
		chosen = append(chosen, option)
	}
	return chosen
}

func seconds(number float64) time.Duration {
	return time.Duration(number * float64(time.Second))
}
