package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"assay.dev/assay"
	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// answer is what the harness is told; see its description of the runner.
type answer struct {
	Verdicts   []json.RawMessage `json:"verdicts,omitzero"`
	Count      *int              `json:"count,omitempty"`
	ValidCount *int              `json:"validCount,omitempty"`
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
		for _, event := range events {
			verdict, err := client.Validate(ctx, event, request.validateOptions()...)
			if err != nil {
				result.Error = describe(err)
				break
			}
			result.Verdicts = append(result.Verdicts, verdictJSON(verdict))
		}
	case "validateBatch":
		var all []assay.Event
		for range request.repeats() {
			all = append(all, events...)
		}
		verdicts, err := client.ValidateBatch(ctx, all, request.validateOptions()...)
		result.count(request, verdictsOf(verdicts, err))
	case "validateStream":
		input := func(yield func(assay.Event, error) bool) {
			for range request.repeats() {
				for _, event := range events {
					if !yield(event, nil) {
						return
					}
				}
			}
		}
		result.count(request, client.ValidateStream(ctx, input, request.streamOptions()...))
	default:
		result.askCatalog(ctx, client, request)
	}
	return result
}

func (a *answer) askCatalog(ctx context.Context, client *assay.Client, request *request) {
	var err error
	switch request.Call {
	case "listEventTypes":
		var each *assay.EventType
		for each, err = range client.ListEventTypes(ctx) {
			if err == nil {
				a.EventTypes = append(a.EventTypes, messageJSON(each))
			}
		}
	case "getEventType":
		var found *assay.EventType
		if found, err = client.GetEventType(ctx, request.EventType, request.ContractVersion); err == nil {
			a.EventType = messageJSON(found)
		}
	case "getBaseline":
		var found *assay.Baseline
		query := assay.BaselineQuery{EventType: request.EventType, Check: request.Check, Field: request.Field, Group: request.Group}
		if found, err = client.GetBaseline(ctx, query); err == nil {
			a.Baseline = messageJSON(found)
		}
	default:
		err = fmt.Errorf("there is no call %q", request.Call)
	}
	if err != nil {
		a.Error = describe(err)
	}
}

// count takes verdicts as they come, as far as the request wants them.
func (a *answer) count(request *request, verdicts iter.Seq2[assay.Verdict, error]) {
	count, valid := 0, 0
	if !request.Brief {
		a.Verdicts = []json.RawMessage{}
	}
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
			a.Verdicts = append(a.Verdicts, verdictJSON(verdict))
		}
		if count == request.CancelAfter {
			break
		}
	}
	a.Count, a.ValidCount = &count, &valid
}

func verdictsOf(verdicts []assay.Verdict, err error) iter.Seq2[assay.Verdict, error] {
	return func(yield func(assay.Verdict, error) bool) {
		for _, verdict := range verdicts {
			if !yield(verdict, nil) {
				return
			}
		}
		if err != nil {
			yield(assay.Verdict{}, err)
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
