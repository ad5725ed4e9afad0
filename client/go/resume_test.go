package assay_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"assay.dev/assay"
	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
)

// leavesNothing runs a test, whose client is closed at its end, and fails if a goroutine stays behind.
func leavesNothing(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Run(name, test)
	deadline := time.Now().Add(patience)
	for err := goleak.Find(before); err != nil; err = goleak.Find(before) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// killedAfter answers so many messages, and is then gone without a word.
func killedAfter(messages int, s *server) *server {
	s.onStream = func(stream stream) error {
		for answered := 0; ; answered++ {
			request, err := stream.Recv()
			if err != nil {
				return err
			}
			if answered == messages {
				go s.grpc.Stop()
				<-stream.Context().Done()
				return stream.Context().Err()
			}
			if err := answer(stream, request); err != nil {
				return err
			}
		}
	}
	return s
}

// silentAfter answers so many messages, and then no more.
func silentAfter(messages int) *server {
	return &server{onStream: func(stream stream) error {
		for range messages {
			request, err := stream.Recv()
			if err != nil {
				return err
			}
			if err := answer(stream, request); err != nil {
				return err
			}
		}
		<-stream.Context().Done()
		return nil
	}}
}

// once does something when so many verdicts have been taken.
func once(count int, do func(), verdicts iter.Seq2[assay.Verdict, error]) iter.Seq2[assay.Verdict, error] {
	return func(yield func(assay.Verdict, error) bool) {
		for verdict, err := range verdicts {
			if count--; count == 0 {
				do()
			}
			if !yield(verdict, err) {
				return
			}
		}
	}
}

var small = tuned(func(tuning *assay.StreamTuning) { tuning.MaxEventsPerMessage, tuning.MaxAttempts = 10, 3 })

// When the server of a stream is killed, another one carries it on, without a verdict lost or told twice.
func TestStreamIsCarriedOnElsewhere(t *testing.T) {
	leavesNothing(t, "killed", func(t *testing.T) {
		first, second := killedAfter(5, &server{}), killedAfter(5, &server{})
		third := &server{}
		addresses := "ipv4:" + serve(t, first).address + "," + serve(t, second).address + "," + serve(t, third).address
		client := connect(t, addresses)
		if err := expectNumbered(t, client.ValidateStream(soon(t), numbered(1000), small), 1000); err != nil {
			t.Error(err)
		}
		if third.streams.Load() == 0 {
			t.Error("the third server has not been asked")
		}
	})
}

// When the only server is killed and comes back, so does the stream.
func TestStreamIsCarriedOnOnceTheServerIsBack(t *testing.T) {
	leavesNothing(t, "back", func(t *testing.T) {
		first := serve(t, silentAfter(5))
		client := connect(t, first.address)
		patient := tuned(func(tuning *assay.StreamTuning) {
			tuning.MaxEventsPerMessage, tuning.MaxAttempts, tuning.MaxBackoff = 10, 1000, 50*time.Millisecond
		})
		restart := func() {
			first.grpc.Stop()
			serveAt(t, first.address, &server{})
		}
		if err := expectNumbered(t, once(50, restart, client.ValidateStream(soon(t), numbered(1000), patient)), 1000); err != nil {
			t.Error(err)
		}
	})
}

// When the only server is killed, and does not come back, there are the verdicts so far and then one error that says
// so.
func TestStreamGivesUpWithOneError(t *testing.T) {
	leavesNothing(t, "gone", func(t *testing.T) {
		server := serve(t, silentAfter(5))
		client := connect(t, server.address)
		err := expectNumbered(t, once(50, server.grpc.Stop, client.ValidateStream(soon(t), numbered(1000), small)), 50)
		if !errors.Is(err, assay.ErrUnavailable) ||
			!strings.Contains(err.Error(), "after 50 events were answered, and 3 attempts in a row") {
			t.Error(err)
		}
	})
	leavesNothing(t, "not carried on at all", func(t *testing.T) {
		server := serve(t, silentAfter(5))
		client := connect(t, server.address)
		never := tuned(func(tuning *assay.StreamTuning) { tuning.MaxEventsPerMessage, tuning.MaxAttempts = 10, -1 })
		err := expectNumbered(t, once(50, server.grpc.Stop, client.ValidateStream(soon(t), numbered(1000), never)), 50)
		if !errors.Is(err, assay.ErrUnavailable) || strings.Contains(err.Error(), "attempts") || server.streams.Load() != 1 {
			t.Error(err, server.streams.Load())
		}
	})
	leavesNothing(t, "never there", func(t *testing.T) {
		client := connect(t, "127.0.0.1:1")
		if err := expectNumbered(t, client.ValidateStream(soon(t), numbered(1000), small), 0); !errors.Is(err, assay.ErrUnavailable) {
			t.Error(err)
		}
	})
}

// A server that drains, or asks to wait, is asked again; one that refuses is not.
func TestStreamIsCarriedOnWhereThatHelps(t *testing.T) {
	for name, test := range map[string]struct {
		refusal error
		kind    error
		calls   int64
	}{
		"draining":     {refusal(codes.Unavailable, "DRAINING"), nil, 11},
		"cancelled":    {refusal(codes.Canceled, ""), nil, 11},
		"asks to wait": {refusal(codes.ResourceExhausted, "OVERLOADED", retryAfter(time.Millisecond)), nil, 11},
		"too large":    {refusal(codes.ResourceExhausted, ""), nil, 1},
		"malformed":    {refusal(codes.InvalidArgument, "MALFORMED_REQUEST"), assay.ErrMalformedRequest, 1},
		"denied":       {refusal(codes.PermissionDenied, "PERMISSION_DENIED"), assay.ErrPermissionDenied, 1},
	} {
		leavesNothing(t, name, func(t *testing.T) {
			server := serve(t, &server{})
			server.onStream = func(stream stream) error {
				if request, err := stream.Recv(); err == nil {
					if err := answer(stream, request); err != nil {
						return err
					}
				}
				if server.streams.Load() > 10 {
					return answerAll(stream)
				}
				return test.refusal
			}
			client := connect(t, server.address)
			expected := 1000
			if test.calls == 1 {
				expected = 10
			}
			err := expectNumbered(t, client.ValidateStream(soon(t), numbered(1000), small), expected)
			if (err == nil) != (test.calls > 1) || test.kind != nil && !errors.Is(err, test.kind) ||
				server.streams.Load() != test.calls {
				t.Errorf("%v after %d calls", err, server.streams.Load())
			}
		})
	}
}

// Whoever leaves the loop, cancels, or closes the client, leaves nothing behind, also with a server that does not
// answer, and an input that has nothing to give.
func TestStreamLeavesNothingBehind(t *testing.T) {
	leavesNothing(t, "a break", func(t *testing.T) {
		client := connect(t, serve(t, &server{}).address)
		for _, err := range client.ValidateStream(context.Background(), numbered(1_000_000_000)) {
			if err != nil {
				t.Error(err)
			}
			break
		}
	})
	leavesNothing(t, "a break, with a channel that has no more", func(t *testing.T) {
		client := connect(t, serve(t, &server{}).address)
		events := make(chan assay.Event, 1)
		events <- event(0)
		for _, err := range client.ValidateChannel(context.Background(), events) {
			if err != nil {
				t.Error(err)
			}
			break
		}
	})
	leavesNothing(t, "a panic in the loop", func(t *testing.T) {
		defer func() { _ = recover() }()
		client := connect(t, serve(t, &server{}).address)
		for range client.ValidateStream(context.Background(), numbered(1_000_000_000)) {
			panic("in the loop")
		}
	})
	leavesNothing(t, "a deadline, with a server that does not answer", func(t *testing.T) {
		client := connect(t, serve(t, silentAfter(0)).address)
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		err := expectNumbered(t, client.ValidateStream(ctx, numbered(1_000_000_000)), 0)
		if !errors.Is(err, context.DeadlineExceeded) || err.Error() != "assay: DEADLINE_EXCEEDED: context deadline exceeded" {
			t.Error(err)
		}
	})
	leavesNothing(t, "a deadline, while nothing comes", func(t *testing.T) {
		client := connect(t, serve(t, &server{}).address)
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		err := expectNumbered(t, client.ValidateChannel(ctx, make(chan assay.Event)), 0)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, assay.ErrDeadlineExceeded) {
			t.Error(err)
		}
	})
	leavesNothing(t, "a client that is closed", func(t *testing.T) {
		var client *assay.Client
		server := serve(t, &server{onStream: func(stream stream) error {
			if _, err := stream.Recv(); err != nil {
				return err
			}
			go func() { _ = client.Close() }()
			<-stream.Context().Done()
			return nil
		}})
		client = connect(t, server.address)
		for range 2 {
			if err := expectNumbered(t, client.ValidateStream(soon(t), numbered(1_000)), 0); !errors.Is(err, assay.ErrClosed) {
				t.Error(err)
			}
		}
	})
}
