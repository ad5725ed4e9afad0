package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"assay.dev/assay"
	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// calls are those that a request may ask for.
var calls = []string{"validate", "validateBatch", "validateStream", "listEventTypes", "getEventType", "getBaseline"}

// answer is what the harness is told; see its description of the runner.
type answer struct {
	Verdicts   []json.RawMessage `json:"verdicts,omitzero"`
	Count      *int              `json:"count,omitempty"`
	ValidCount *int              `json:"validCount,omitempty"`
	Seconds    *float64          `json:"seconds,omitempty"`
	Error      *failure          `json:"error,omitempty"`
	EventTypes []json.RawMessage `json:"eventTypes,omitzero"`
	EventType  json.RawMessage   `json:"eventType,omitempty"`
	Baseline   json.RawMessage   `json:"baseline,omitempty"`
	Leaks      []string          `json:"leaks,omitzero"`
}

func call(client *assay.Client, request *request) answer {
	ctx := context.Background()
	if request.Timeout != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, seconds(*request.Timeout))
		defer cancel()
	}
	events, err := request.events()
	if err != nil {
		return answer{Error: describe(err)}
	}
	var result answer
	switch request.Call {
	case "validate":
		result.take(request, validateEach(ctx, client, events, request))
	case "validateBatch":
		result.take(request, func(yield func(assay.Verdict, error) bool) {
			verdicts, err := client.ValidateBatch(ctx, events, request.validateOptions()...)
			yieldAll(yield, verdicts, err)
		})
	case "validateStream":
		result.take(request, client.ValidateStream(ctx, assay.Events(events...), request.streamOptions()...))
	default:
		if err := result.askCatalog(ctx, client, request); err != nil {
			result.Error = describe(err)
		}
	}
	return result
}

func (a *answer) askCatalog(ctx context.Context, client *assay.Client, request *request) error {
	switch request.Call {
	case "listEventTypes":
		a.EventTypes = []json.RawMessage{}
		for each, err := range client.ListEventTypes(ctx) {
			if err != nil {
				return err
			}
			a.EventTypes = append(a.EventTypes, messageJSON(each))
		}
	case "getEventType":
		found, err := client.GetEventType(ctx, request.EventType, request.ContractVersion)
		if err != nil {
			return err
		}
		a.EventType = messageJSON(found)
	case "getBaseline":
		found, err := client.GetBaseline(ctx, assay.BaselineQuery{
			EventType: request.EventType, Check: request.Check, Field: request.Field, Group: request.Group,
		})
		if err != nil {
			return err
		}
		a.Baseline = messageJSON(found)
	}
	return nil
}

// take takes verdicts as they come, as far as the request wants them.
func (a *answer) take(request *request, verdicts iter.Seq2[assay.Verdict, error]) {
	count, valid := 0, 0
	var taken []assay.Verdict
	begun := time.Now()
	for verdict, err := range verdicts {
		if err != nil {
			a.Error = describe(err)
			break
		}
		count++
		if verdict.Valid() {
			valid++
		}
		if !request.Brief {
			taken = append(taken, verdict)
		}
		if count == request.CancelAfter {
			break
		}
	}
	seconds := time.Since(begun).Seconds()
	a.Count, a.ValidCount, a.Seconds = &count, &valid, &seconds
	if !request.Brief {
		a.Verdicts = []json.RawMessage{}
		for _, verdict := range taken {
			a.Verdicts = append(a.Verdicts, verdictJSON(verdict))
		}
	}
}

// verdictJSON writes what the user sees: the client's own word on whether the event is valid.
func verdictJSON(verdict assay.Verdict) json.RawMessage {
	message := proto.Clone(verdict.Message()).(*assayv1.Verdict)
	message.Valid = verdict.Valid()
	return messageJSON(message)
}

func messageJSON(message proto.Message) json.RawMessage {
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(message)
	if err != nil {
		panic(fmt.Sprintf("a message has no form in JSON: %v", err))
	}
	return text
}
