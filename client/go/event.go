package assay

import (
	"encoding/json"
	"fmt"
	"iter"
	"time"

	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Event is one event to be checked.
type Event struct {
	// Type says which contract applies, for example "flight.arrived".
	Type string

	// Payload is the event's data, which is to be one JSON object:
	//   - []byte, json.RawMessage or string: JSON text, sent as it is;
	//   - a struct, a map, or anything else that encoding/json writes: sent as it writes them, with every digit of
	//     integers, json.Number and *big.Int, so that none is rounded on the way;
	//   - *structpb.Struct: sent as it is, which costs the server several times as much;
	//   - any other proto.Message: sent as protojson writes it;
	//   - nil: an event without a payload, for which the server has a finding.
	Payload any

	// ID is the caller's own identifier, echoed on the verdict.
	ID string

	// Timestamp is when the event happened; the zero time where that is not known.
	Timestamp time.Time

	// ContractVersion is "1.2.0", or the beginning of a version up to a dot; empty for the newest in service.
	ContractVersion string

	// A message's timestamp that Timestamp cannot say, as it is none, or the zero time.
	raw *timestamppb.Timestamp
}

// EventFromMessage returns the event that a message of the wire contract stands for, such as one of EventType.Examples.
// A timestamp that no time.Time can hold is kept, and sent as it is.
func EventFromMessage(message *assayv1.Event) Event {
	event := Event{Type: message.GetEventType(), ID: message.GetEventId(), ContractVersion: message.GetContractVersion()}
	if timestamp := message.GetTimestamp(); timestamp.IsValid() && !timestamp.AsTime().IsZero() {
		event.Timestamp = timestamp.AsTime()
	} else if timestamp != nil {
		event.raw = proto.CloneOf(timestamp)
	}
	switch body := message.GetBody().(type) {
	case *assayv1.Event_Payload:
		event.Payload = proto.CloneOf(body.Payload)
	case *assayv1.Event_PayloadJson:
		event.Payload = append(json.RawMessage{}, body.PayloadJson...) // Empty is not the same as none.
	}
	return event
}

// Events returns events as ValidateStream takes them.
func Events(events ...Event) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for _, event := range events {
			if !yield(event, nil) {
				return
			}
		}
	}
}

// FromSeq returns the events of a sequence that cannot fail as ValidateStream takes them.
func FromSeq(events iter.Seq[Event]) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for event := range events {
			if !yield(event, nil) {
				return
			}
		}
	}
}

// encode returns the event as a message, and about how many bytes that takes.
func (e *Event) encode() (*assayv1.Event, int, *EncodingError) {
	for _, each := range [...]struct{ name, text string }{
		{"Type", e.Type}, {"ID", e.ID}, {"ContractVersion", e.ContractVersion},
	} {
		if err := checkText(each.name, each.text); err != nil {
			return nil, 0, err
		}
	}
	message := &assayv1.Event{EventType: e.Type, EventId: e.ID, ContractVersion: e.ContractVersion}
	size := 16 + len(e.Type) + len(e.ID) + len(e.ContractVersion)
	switch {
	case !e.Timestamp.IsZero():
		message.Timestamp = timestamppb.New(e.Timestamp)
		size += 16
	case e.raw != nil:
		message.Timestamp = e.raw
		size += 16
	}
	size, err := e.encodePayload(message, size)
	return message, size, err
}

func (e *Event) encodePayload(message *assayv1.Event, size int) (int, *EncodingError) {
	switch payload := e.Payload.(type) {
	case nil:
		return size, nil
	case *structpb.Struct:
		if payload == nil {
			return size, nil
		}
		// A text in it that is no UTF-8 would end a whole stream.
		written, err := proto.Marshal(payload)
		if err != nil {
			return size, &EncodingError{Problem: fmt.Sprintf("the payload cannot be written: %v", err), Position: -1, cause: err}
		}
		message.Body = &assayv1.Event_Payload{Payload: payload}
		return size + len(written), nil
	}
	text, err := jsonText(e.Payload)
	if err != nil || text == nil {
		return size, err
	}
	message.Body = &assayv1.Event_PayloadJson{PayloadJson: text}
	return size + len(text), nil
}
