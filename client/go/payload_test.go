package assay

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

type order struct {
	ID     int64       `json:"id"`
	Price  float64     `json:"price"`
	Exact  json.Number `json:"exact,omitempty"`
	Huge   *big.Int    `json:"huge,omitempty"`
	Note   string      `json:"note/text"`
	Lines  []line      `json:"lines,omitempty"`
	Hidden float64     `json:"-"`
	Any    any
	line
}

type line struct {
	Weight float32 `json:"weight"`
}

// Structs and maps become the JSON that encoding/json writes, with every digit; JSON text is passed on as it is.
func TestPayloadIsWrittenExactly(t *testing.T) {
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	moment := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	for expected, payload := range map[string]any{
		`{"a":1}`:                []byte(`{"a":1}`),
		` {"a": 1e400} `:         json.RawMessage(` {"a": 1e400} `),
		`not JSON`:               "not JSON",
		``:                       "",
		`{"n":9007199254740993}`: map[string]any{"n": int64(9007199254740993)},
		`{"n":123456789012345678901234567890.10}`: map[string]any{"n": json.Number("123456789012345678901234567890.10")},
		`{"n":-0}`:                               map[string]any{"n": math.Copysign(0, -1)},
		"{\"s\":\"<&> ü \ufffd \\\\ufffd\"}":     map[string]string{"s": "<&> ü \ufffd \\ufffd"},
		`{"raw":"\ufffd"}`:                       map[string]any{"raw": json.RawMessage(`"\ufffd"`)},
		`{"t":"2026-01-02T03:04:05.000000006Z"}`: map[string]time.Time{"t": moment},
		`{"id":9007199254740993,"price":1e+308,"exact":1.10,"huge":123456789012345678901234567890,"note/text":"<","Any":null,"weight":0}`: &order{
			ID: 9007199254740993, Price: 1e308, Exact: "1.10", Huge: huge, Note: "<", Hidden: math.NaN(),
		},
		`null`: (*order)(nil),
		`[1]`:  [1]int{1},
	} {
		text, err := jsonText(payload)
		if err != nil || string(text) != expected {
			t.Errorf("%#v gives %s, %v, and not %s", payload, text, err, expected)
		}
	}
}

// What JSON cannot hold is an error that names the place.
func TestPayloadThatCannotBeWritten(t *testing.T) {
	circle := map[string]any{}
	circle["self"] = circle
	for expected, payload := range map[string]any{
		"/price is NaN":                     order{Price: math.NaN()},
		"/lines/1/weight is +Inf":           &order{Lines: []line{{}, {Weight: float32(math.Inf(1))}}},
		"/weight is -Inf":                   order{line: line{Weight: float32(math.Inf(-1))}},
		"/Any/a~1b~0c/0 is NaN":             order{Any: map[string]any{"a/b~c": []any{math.NaN()}}},
		"the payload itself is NaN":         math.NaN(),
		`/note~1text is not UTF-8: "a\xff"`: order{Note: "a\xff"},
		`/x is not UTF-8: "\xff"`:           map[string]any{"x": "\xff"},
		`a key of /x is not UTF-8: "\xff"`:  map[string]any{"x": map[string]int{"\xff": 1}},
		"unsupported type: chan int":        map[string]any{"c": make(chan int)},
		"encountered a cycle":               circle,
	} {
		text, err := jsonText(payload)
		if err == nil || !strings.Contains(err.Error(), expected) ||
			!strings.HasPrefix(err.Error(), "assay: the payload cannot be written as JSON: ") {
			t.Errorf("%s, %v, and not %s", text, err, expected)
		}
	}
	if text, err := jsonText(map[string]string{"a": "b"}); err != nil || string(text) != `{"a":"b"}` {
		t.Errorf("after errors: %s, %v", text, err)
	}
}

// Each kind of payload has its place in the message; none has none.
func TestEventBecomesItsMessage(t *testing.T) {
	payload, _ := structpb.NewStruct(map[string]any{"a": 1})
	for name, test := range map[string]struct {
		event   Event
		message *assayv1.Event
	}{
		"empty": {Event{}, &assayv1.Event{}},
		"all": {
			Event{Type: "t", ID: "i", ContractVersion: "1", Payload: map[string]int{"a": 1}, Timestamp: time.Unix(-1, 5)},
			&assayv1.Event{
				EventType: "t", EventId: "i", ContractVersion: "1", Timestamp: &timestamppb.Timestamp{Seconds: -1, Nanos: 5},
				Body: &assayv1.Event_PayloadJson{PayloadJson: []byte(`{"a":1}`)},
			},
		},
		"empty text": {Event{Payload: []byte{}}, &assayv1.Event{Body: &assayv1.Event_PayloadJson{}}},
		"Struct":     {Event{Payload: payload}, &assayv1.Event{Body: &assayv1.Event_Payload{Payload: payload}}},
		"no text":    {Event{Payload: []byte(nil)}, &assayv1.Event{}},
		"no Struct":  {Event{Payload: (*structpb.Struct)(nil)}, &assayv1.Event{}},
		"1970":       {Event{Timestamp: time.Unix(0, 0)}, &assayv1.Event{Timestamp: &timestamppb.Timestamp{}}},
		"another message": {
			Event{Payload: timestamppb.New(time.Unix(0, 0))},
			&assayv1.Event{Body: &assayv1.Event_PayloadJson{PayloadJson: []byte(`"1970-01-01T00:00:00Z"`)}},
		},
		"no timestamp at all": {EventFromMessage(&assayv1.Event{EventType: "t"}), &assayv1.Event{EventType: "t"}},
	} {
		message, size, err := test.event.encode()
		if err != nil || !proto.Equal(message, test.message) {
			t.Errorf("%s: %v, %v, and not %v", name, message, err, test.message)
		}
		if size < proto.Size(message) {
			t.Errorf("%s takes %d bytes, and not %d", name, proto.Size(message), size)
		}
	}
}

// Text that is no UTF-8 would end a whole stream, so it is refused before.
func TestEventThatCannotBeSent(t *testing.T) {
	bad := &structpb.Struct{Fields: map[string]*structpb.Value{"a": structpb.NewStringValue("\xff")}}
	for name, event := range map[string]Event{
		"Type": {Type: "\xff"}, "ID": {ID: "\xff"}, "ContractVersion": {ContractVersion: "\xff"}, "payload": {Payload: bad},
	} {
		if _, _, err := event.encode(); err == nil || !strings.Contains(err.Error(), name) || err.Position != -1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A message that is made an event and sent is the message that it was, whatever its timestamp.
func TestEventFromMessageIsThatMessage(t *testing.T) {
	payload, _ := structpb.NewStruct(map[string]any{"a": 1})
	for _, message := range []*assayv1.Event{
		{},
		{EventType: "t", EventId: "i", ContractVersion: "1", Body: &assayv1.Event_Payload{Payload: payload}},
		{Body: &assayv1.Event_PayloadJson{PayloadJson: []byte(`{}`)}, Timestamp: &timestamppb.Timestamp{Seconds: 5, Nanos: 6}},
		{Body: &assayv1.Event_PayloadJson{}, Timestamp: &timestamppb.Timestamp{Nanos: -1}},
		{Timestamp: &timestamppb.Timestamp{Seconds: math.MaxInt64}},
		{Timestamp: &timestamppb.Timestamp{Seconds: -62135596800}},
	} {
		event := EventFromMessage(message)
		if again, _, err := event.encode(); err != nil || !proto.Equal(again, message) {
			t.Errorf("%v, %v, and not %v", again, err, message)
		}
	}
	event := EventFromMessage(&assayv1.Event{Timestamp: &timestamppb.Timestamp{Nanos: -1}})
	event.Timestamp = time.Unix(7, 0)
	if message, _, _ := event.encode(); message.Timestamp.Seconds != 7 {
		t.Errorf("a timestamp that was set later is %v", message.Timestamp)
	}
}
