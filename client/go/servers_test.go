package assay_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"assay.dev/assay"
	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

// UNAVAILABLE is tried again, within four attempts; nothing else is.
func TestWhatIsTriedAgain(t *testing.T) {
	server := serve(t, &server{})
	var calls atomic.Int64
	client := connect(t, server.address)
	for _, test := range []struct {
		refusal  error
		refusals int64
		calls    int64
		kind     error
	}{
		{refusal(codes.Unavailable, "DRAINING"), 3, 4, nil},
		{refusal(codes.Unavailable, "DRAINING"), 4, 4, assay.ErrUnavailable},
		{refusal(codes.ResourceExhausted, "OVERLOADED", retryAfter(time.Millisecond)), 1, 1, assay.ErrOverloaded},
		{refusal(codes.Internal, "INTERNAL"), 1, 1, assay.ErrInternal},
	} {
		calls.Store(0)
		server.validate = func(_ context.Context, request *assayv1.ValidateRequest) (*assayv1.ValidateResponse, error) {
			if calls.Add(1) <= test.refusals {
				return nil, test.refusal
			}
			return &assayv1.ValidateResponse{Verdict: verdictOn(request.Event)}, nil
		}
		if _, err := client.Validate(soon(t), event(0)); !errors.Is(err, test.kind) || calls.Load() != test.calls {
			t.Errorf("%v, %d times: %d calls, then %v", test.refusal, test.refusals, calls.Load(), err)
		}
	}
}

// A large request is tried again just as a small one.
func TestLargeRequestIsTriedAgain(t *testing.T) {
	server := serve(t, &server{})
	var calls atomic.Int64
	server.batch = func(_ context.Context, request *assayv1.ValidateBatchRequest) (*assayv1.ValidateBatchResponse, error) {
		if calls.Add(1) == 1 {
			return nil, refusal(codes.Unavailable, "DRAINING")
		}
		return &assayv1.ValidateBatchResponse{Verdicts: verdictsOn(request.Events)}, nil
	}
	client := connect(t, server.address)
	large := event(0)
	large.Payload = make([]byte, 3<<20)
	if _, err := client.ValidateBatch(soon(t), []assay.Event{large}); err != nil || calls.Load() != 2 {
		t.Errorf("%d calls, then %v", calls.Load(), err)
	}
}

// Calls go to all servers of a list, in turn.
func TestCallsAreSpread(t *testing.T) {
	var asked [2]atomic.Int64
	addresses := make([]string, len(asked))
	for i := range asked {
		counting := &server{}
		counting.validate = func(_ context.Context, request *assayv1.ValidateRequest) (*assayv1.ValidateResponse, error) {
			asked[i].Add(1)
			return &assayv1.ValidateResponse{Verdict: verdictOn(request.Event)}, nil
		}
		addresses[i] = serve(t, counting).address
	}
	client := connect(t, "ipv4:"+strings.Join(addresses, ","))
	ctx := soon(t)
	for asked[0].Load() < 10 || asked[1].Load() < 10 {
		if _, err := client.Validate(ctx, event(0)); err != nil {
			t.Fatalf("%v, after %d and %d calls", err, asked[0].Load(), asked[1].Load())
		}
	}
}

// A server that says it is not serving, as one that drains does, is not asked until it is.
func TestServerThatDoesNotServeIsNotAsked(t *testing.T) {
	server := serve(t, &server{})
	server.health.SetServingStatus("", healthv1.HealthCheckResponse_NOT_SERVING)
	client := connect(t, server.address)
	answered := make(chan error)
	go func() {
		_, err := client.Validate(soon(t), event(0))
		answered <- err
	}()
	short, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := client.Validate(short, event(0)); !errors.Is(err, assay.ErrDeadlineExceeded) {
		t.Error(err)
	}
	server.health.SetServingStatus("", healthv1.HealthCheckResponse_SERVING)
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

// While there is time left, a call waits for a server to be there; without a deadline, it fails at once.
func TestCallsWaitForAServer(t *testing.T) {
	first := serve(t, &server{})
	client := connect(t, first.address)
	first.grpc.Stop()
	answered := make(chan error)
	go func() {
		_, err := client.Validate(soon(t), event(0))
		answered <- err
	}()
	unbounded := connect(t, first.address, assay.WithTimeout(0))
	if _, err := unbounded.Validate(context.Background(), event(0)); !errors.Is(err, assay.ErrUnavailable) {
		t.Error(err)
	}
	serveAt(t, first.address, &server{})
	if err := <-answered; err != nil {
		t.Error(err)
	}
}
