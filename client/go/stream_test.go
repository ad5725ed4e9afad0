package assay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"testing"
	"time"

	"assay.dev/assay"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/structpb"
)

// quick tries again soon.
var quick = assay.StreamTuning{InitialBackoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond}

func tuned(change func(*assay.StreamTuning)) assay.StreamOption {
	tuning := quick
	change(&tuning)
	return assay.WithTuning(tuning)
}

// numbered yields so many events, with their numbers as IDs.
func numbered(count int) iter.Seq2[assay.Event, error] {
	return func(yield func(assay.Event, error) bool) {
		for number := range count {
			if !yield(event(number), nil) {
				return
			}
		}
	}
}

func event(number int) assay.Event {
	return assay.Event{Type: "order.placed", ID: strconv.Itoa(number), Payload: []byte(`{"sku":"A1"}`)}
}

// expectNumbered takes all verdicts, which have to be those on numbered events, and returns the error at their end.
func expectNumbered(t *testing.T, verdicts iter.Seq2[assay.Verdict, error], count int) error {
	t.Helper()
	taken := 0
	var failed error
	for verdict, err := range verdicts {
		if failed != nil {
			t.Fatalf("%v comes after the error %v", verdict, failed)
		}
		if failed = err; err != nil {
			continue
		}
		if verdict.EventID() != strconv.Itoa(taken) || !verdict.Valid() {
			t.Fatalf("verdict %d is %v", taken, verdict)
		}
		taken++
	}
	if taken != count {
		t.Fatalf("%d verdicts, and not %d; then %v", taken, count, failed)
	}
	return failed
}

// A stream gives one verdict for each event, in order, however they are gathered.
func TestStreamAnswersInOrder(t *testing.T) {
	server := serve(t, &server{})
	client := connect(t, server.address)
	for _, tuning := range []assay.StreamTuning{
		{}, {MaxEventsPerMessage: 7}, {LookAhead: 1}, {MaxDelay: -1}, {MaxBytesPerMessage: 100}, {LookAheadBytes: 1},
	} {
		if err := expectNumbered(t, client.ValidateStream(soon(t), numbered(2000), assay.WithTuning(tuning)), 2000); err != nil {
			t.Errorf("with %+v: %v", tuning, err)
		}
	}
}

// No events are no calls, and each range over a stream is a stream of its own.
func TestStreamIsOpenedWhenItIsNeeded(t *testing.T) {
	server := serve(t, &server{})
	client := connect(t, server.address)
	if err := expectNumbered(t, client.ValidateStream(soon(t), assay.Events()), 0); err != nil || server.streams.Load() != 0 {
		t.Errorf("no events: %v, %d calls", err, server.streams.Load())
	}
	verdicts := client.ValidateStream(soon(t), assay.Events(event(0), event(1)))
	for range 2 {
		if err := expectNumbered(t, verdicts, 2); err != nil {
			t.Error(err)
		}
	}
	if server.streams.Load() != 2 {
		t.Errorf("%d calls for two ranges", server.streams.Load())
	}
}

// The options, and the metadata of the client, travel with the first message of each call.
func TestStreamSaysItsOptionsOnce(t *testing.T) {
	server := serve(t, &server{})
	server.onStream = func(stream stream) error {
		if header(stream.Context(), "authorization") != "Bearer secret" {
			t.Error("a stream without its token")
		}
		for first := true; ; first = false {
			request, err := stream.Recv()
			if err != nil {
				return nil
			}
			if request.Options.GetExplain() != first || request.Options.GetReportFrom() == assay.EnforcementAudit != first {
				t.Errorf("the options of message %d are %v", request.Sequence, request.Options)
			}
			if err := answer(stream, request); err != nil {
				return err
			}
			if request.Sequence%3 == 0 {
				return refusal(codes.Unavailable, "DRAINING")
			}
		}
	}
	client := connect(t, server.address, assay.WithToken("secret"))
	one := tuned(func(tuning *assay.StreamTuning) { tuning.MaxEventsPerMessage = 1 })
	verdicts := client.ValidateStream(soon(t), numbered(10), one, assay.Explain(), assay.ReportFrom(assay.EnforcementAudit))
	if err := expectNumbered(t, verdicts, 10); err != nil || server.streams.Load() < 4 {
		t.Errorf("%v after %d calls", err, server.streams.Load())
	}
}

// An event that nothing follows is answered all the same, soon.
func TestStreamAnswersALoneEvent(t *testing.T) {
	server := serve(t, &server{})
	client := connect(t, server.address)
	events := make(chan assay.Event, 1)
	events <- event(0)
	taken := 0
	for verdict, err := range client.ValidateChannel(soon(t), events) {
		if err != nil || verdict.EventID() != strconv.Itoa(taken) {
			t.Fatal(verdict, err)
		}
		if taken++; taken == 5 {
			close(events)
		} else {
			events <- event(taken)
		}
	}
	if taken != 5 {
		t.Errorf("%d verdicts", taken)
	}
}

// What the input fails with comes after the verdicts of all before, as it is; so does an event that cannot be sent,
// with its position.
func TestStreamEndsAsItsInputDoes(t *testing.T) {
	server := serve(t, &server{})
	client := connect(t, server.address)
	broken := errors.New("the file is broken")
	failing := func(last assay.Event, err error) iter.Seq2[assay.Event, error] {
		return func(yield func(assay.Event, error) bool) {
			numbered(1234)(yield)
			yield(last, err)
		}
	}
	if err := expectNumbered(t, client.ValidateStream(soon(t), failing(assay.Event{}, broken)), 1234); err != broken {
		t.Error(err)
	}
	var encoding *assay.EncodingError
	err := expectNumbered(t, client.ValidateStream(soon(t), failing(assay.Event{ID: "\xff"}, nil)), 1234)
	if !errors.As(err, &encoding) || encoding.Position != 1234 ||
		!strings.Contains(err.Error(), "position 1234: the event's ID is not UTF-8") {
		t.Error(err)
	}
}

// A panic of the input reaches whoever ranges over the stream, after the verdicts of all before.
func TestStreamPanicsAsItsInputDoes(t *testing.T) {
	server := serve(t, &server{})
	client := connect(t, server.address)
	taken := 0
	defer func() {
		if cause := recover(); cause != "no more" || taken != 10 {
			t.Errorf("%v after %d verdicts", cause, taken)
		}
	}()
	for _, err := range client.ValidateStream(soon(t), func(yield func(assay.Event, error) bool) {
		numbered(10)(yield)
		panic("no more")
	}) {
		if err != nil {
			t.Fatal(err)
		}
		taken++
	}
}

// The memory of a payload may be used again for the next event.
func TestStreamKeepsPayloadsOfItsOwn(t *testing.T) {
	server := serve(t, &server{})
	seen := 0
	server.onStream = func(stream stream) error {
		request, err := stream.Recv()
		for ; err == nil; request, err = stream.Recv() {
			for _, event := range request.Events {
				text := string(event.GetPayloadJson()) + event.GetPayload().GetFields()["n"].GetStringValue()
				if text != fmt.Sprintf("%05d", seen) {
					t.Errorf("event %d has the payload %s", seen, text)
				}
				seen++
			}
			if err := answer(stream, request); err != nil {
				return err
			}
		}
		return nil
	}
	client := connect(t, server.address)
	text := make([]byte, 5)
	value := &structpb.Value_StringValue{}
	object := &structpb.Struct{Fields: map[string]*structpb.Value{"n": {Kind: value}}}
	events := func(yield func(assay.Event, error) bool) {
		for number := range 3000 {
			value.StringValue = fmt.Sprintf("%05d", number)
			copy(text, value.StringValue)
			payload := []any{text, json.RawMessage(text), object}[number%3]
			if !yield(assay.Event{Type: "order.placed", ID: strconv.Itoa(number), Payload: payload}, nil) {
				return
			}
		}
	}
	if err := expectNumbered(t, client.ValidateStream(soon(t), events), 3000); err != nil || seen != 3000 {
		t.Error(err, seen)
	}
}

// The input is read no further ahead than the tuning allows, whatever the server answers.
func TestStreamReadsAheadWithinBounds(t *testing.T) {
	server := serve(t, &server{})
	client := connect(t, server.address)
	read := make(chan int, 10_000)
	events := func(yield func(assay.Event, error) bool) {
		for number := range 1000 {
			read <- number
			if !yield(event(number), nil) {
				return
			}
		}
	}
	taken := 0
	for _, err := range client.ValidateStream(soon(t), events, tuned(func(tuning *assay.StreamTuning) { tuning.LookAhead = 20 })) {
		if err != nil {
			t.Fatal(err)
		}
		// Room is made for the events of a whole message at a time.
		if ahead := len(read) - taken; ahead > 40 {
			t.Fatalf("%d events ahead", ahead)
		}
		taken++
	}
	if taken != 1000 {
		t.Errorf("%d verdicts", taken)
	}
}

// A server that does not answer what it was asked ends the stream, with an error of its own.
func TestStreamTakesNoOtherAnswer(t *testing.T) {
	for expected, respond := range map[string]func(*message) *response{
		"2 verdicts for sequence 1 was due, but it sent 1 verdicts for sequence 1": func(request *message) *response {
			return &response{Sequence: request.Sequence, Verdicts: verdictsOn(request.Events[1:])}
		},
		"2 verdicts for sequence 1 was due, but it sent 2 verdicts for sequence 7": func(request *message) *response {
			return &response{Sequence: 7, Verdicts: verdictsOn(request.Events)}
		},
	} {
		server := serve(t, &server{onStream: func(stream stream) error {
			request, err := stream.Recv()
			if err != nil {
				return err
			}
			return stream.Send(respond(request))
		}})
		client := connect(t, server.address)
		err := expectNumbered(t, client.ValidateStream(soon(t), numbered(2)), 0)
		if !errors.Is(err, assay.ErrInternal) || !strings.Contains(err.Error(), expected) {
			t.Errorf("%v, and not %s", err, expected)
		}
	}
}

// A context that has ended ends the stream, with its own error.
func TestStreamEndsWithItsContext(t *testing.T) {
	server := serve(t, &server{})
	client := connect(t, server.address)
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(soon(t))
	defer cancel(nil)
	taken := 0
	var failed error
	for _, err := range client.ValidateStream(ctx, numbered(1_000_000)) {
		if failed = err; err == nil {
			if taken++; taken == 3 {
				cancel(why)
			}
		}
	}
	if !errors.Is(failed, context.Canceled) || !errors.Is(failed, why) || taken < 3 {
		t.Errorf("%v after %d verdicts", failed, taken)
	}
}
