package assay_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"assay.dev/assay"
	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// A single event is sent with its options, the client's metadata and that of the context, and a deadline if the context
// has none.
func TestValidate(t *testing.T) {
	server := serve(t, &server{})
	server.validate = func(ctx context.Context, request *assayv1.ValidateRequest) (*assayv1.ValidateResponse, error) {
		deadline, found := ctx.Deadline()
		if left := time.Until(deadline); !found || left > assay.DefaultTimeout || left < assay.DefaultTimeout/2 {
			t.Errorf("the deadline is %v, in %v", deadline, left)
		}
		if header(ctx, "tenant") != "a" || header(ctx, "trace") != "b" ||
			!strings.HasPrefix(header(ctx, "user-agent"), "assay-go/"+assay.Version) {
			t.Errorf("the metadata is %v", ctx)
		}
		if !request.Options.DryRun || !request.Options.ReturnNormalized || request.Options.RejectFrom != assay.EnforcementWarn {
			t.Errorf("the options are %v", request.Options)
		}
		return &assayv1.ValidateResponse{Verdict: verdictOn(request.Event)}, nil
	}
	client := connect(t, server.address, assay.WithMetadata("tenant", "a"))
	ctx := metadata.AppendToOutgoingContext(context.Background(), "trace", "b")
	verdict, err := client.Validate(ctx, event(7), assay.DryRun(), assay.ReturnNormalized(), assay.RejectFrom(assay.EnforcementWarn))
	if err != nil || !verdict.Valid() || verdict.EventID() != "7" || verdict.ContractVersion() != "1.0.0" {
		t.Error(verdict, err)
	}
}

// A batch of any size is answered event by event; it goes in calls of at most a thousand events, and about a mebibyte.
func TestValidateBatch(t *testing.T) {
	server := serve(t, &server{})
	var calls []int
	server.batch = func(_ context.Context, request *assayv1.ValidateBatchRequest) (*assayv1.ValidateBatchResponse, error) {
		calls = append(calls, len(request.Events))
		return &assayv1.ValidateBatchResponse{Verdicts: verdictsOn(request.Events)}, nil
	}
	client := connect(t, server.address)
	events := make([]assay.Event, 2500)
	for i := range events {
		events[i] = event(i)
	}
	events[2400].Payload = make([]byte, 2<<20)
	verdicts, err := client.ValidateBatch(soon(t), events)
	if err != nil || len(verdicts) != len(events) {
		t.Fatal(len(verdicts), err)
	}
	for i, verdict := range verdicts {
		if verdict.EventID() != strconv.Itoa(i) {
			t.Fatalf("verdict %d is %v", i, verdict)
		}
	}
	if len(calls) != 5 || calls[0] != 1000 || calls[1] != 1000 || calls[2] != 400 || calls[3] != 1 || calls[4] != 99 {
		t.Errorf("the calls have %v events", calls)
	}
	if verdicts, err := client.ValidateBatch(soon(t), nil); err != nil || len(verdicts) != 0 || len(calls) != 5 {
		t.Error(verdicts, err)
	}
	var encoding *assay.EncodingError
	events[2001].Type = "\xff"
	if _, err := client.ValidateBatch(soon(t), events); !errors.As(err, &encoding) || encoding.Position != 2001 ||
		len(calls) != 5 {
		t.Error(err)
	}
}

// An error keeps all that the server says, is of one kind, and can be taken for a status of gRPC's.
func TestCallError(t *testing.T) {
	kinds := []error{
		assay.ErrMalformedRequest, assay.ErrNotFound, assay.ErrUnauthenticated, assay.ErrPermissionDenied, assay.ErrOverloaded,
		assay.ErrUnavailable, assay.ErrDeadlineExceeded, assay.ErrInternal, assay.ErrClosed,
	}
	server := serve(t, &server{})
	client := connect(t, server.address)
	for _, test := range []struct {
		refusal error
		kind    error
		text    string
	}{
		{refusal(codes.InvalidArgument, "MALFORMED_REQUEST", &errdetails.BadRequest{
			FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "event", Description: "is required"}},
		}), assay.ErrMalformedRequest, "assay: MALFORMED_REQUEST: refused\n  event: is required"},
		{refusal(codes.NotFound, "EVENT_TYPE_NOT_FOUND"), assay.ErrNotFound, "assay: EVENT_TYPE_NOT_FOUND: refused"},
		{refusal(codes.Unauthenticated, "UNAUTHENTICATED"), assay.ErrUnauthenticated, "assay: UNAUTHENTICATED: refused"},
		{refusal(codes.PermissionDenied, "PERMISSION_DENIED"), assay.ErrPermissionDenied, "assay: PERMISSION_DENIED: refused"},
		{refusal(codes.ResourceExhausted, "OVERLOADED", retryAfter(1500*time.Millisecond)), assay.ErrOverloaded, "assay: OVERLOADED: refused"},
		{status.Error(codes.ResourceExhausted, "too large"), nil, "assay: RESOURCE_EXHAUSTED: too large"},
		{refusal(codes.Internal, "INTERNAL"), assay.ErrInternal, "assay: INTERNAL: refused"},
		{status.Error(codes.Unimplemented, ""), nil, "assay: UNIMPLEMENTED: UNIMPLEMENTED"},
	} {
		server.validate = func(context.Context, *assayv1.ValidateRequest) (*assayv1.ValidateResponse, error) {
			return nil, test.refusal
		}
		verdict, err := client.Validate(soon(t), event(0))
		var failed *assay.CallError
		if !errors.As(err, &failed) || failed.Error() != test.text || verdict != (assay.Verdict{}) {
			t.Fatalf("%v gives %v", test.refusal, err)
		}
		for _, kind := range kinds {
			if errors.Is(err, kind) != (kind == test.kind) {
				t.Errorf("%v is %v: %t", err, kind, errors.Is(err, kind))
			}
		}
		if status.Code(err) != failed.Code || status.Code(err) != status.Code(test.refusal) {
			t.Errorf("%v has the code %v", err, failed.Code)
		}
		if failed.Reason != "" && failed.Metadata["method"] != "m" {
			t.Errorf("%v has the metadata %v", err, failed.Metadata)
		}
		if delay := failed.RetryDelay; delay != 0 != (test.kind == assay.ErrOverloaded) ||
			delay != 0 && delay != 1500*time.Millisecond {
			t.Errorf("%v asks to wait for %v", err, delay)
		}
	}
}

// An internal error names the incident, for whoever reads the server's log.
func TestIncident(t *testing.T) {
	err := &assay.CallError{Code: codes.Internal, Reason: "INTERNAL", Message: "failed", Metadata: map[string]string{"incident": "42"}}
	if err.Incident() != "42" || err.Error() != "assay: INTERNAL: failed (incident 42)" || status.Code(err) != codes.Internal {
		t.Error(err)
	}
}

// A call ends with its context, and its error is the context's too.
func TestCallEndsWithItsContext(t *testing.T) {
	server := serve(t, &server{})
	arrived := make(chan struct{}, 1)
	server.validate = func(ctx context.Context, _ *assayv1.ValidateRequest) (*assayv1.ValidateResponse, error) {
		arrived <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	client := connect(t, server.address)
	why := errors.New("enough")
	cancelled, cancel := context.WithCancelCause(soon(t))
	go func() {
		<-arrived
		cancel(why)
	}()
	if _, err := client.Validate(cancelled, event(0)); !errors.Is(err, context.Canceled) || !errors.Is(err, why) ||
		errors.Is(err, assay.ErrClosed) {
		t.Error(err)
	}
	short := connect(t, server.address, assay.WithTimeout(50*time.Millisecond))
	_, err := short.Validate(context.Background(), event(0))
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, assay.ErrDeadlineExceeded) ||
		!strings.Contains(err.Error(), server.address+" did not answer in time") {
		t.Error(err)
	}
}

// A closed client says that it is closed, and so do the calls that were under way; to close it again does nothing.
func TestClose(t *testing.T) {
	server := serve(t, &server{})
	client := connect(t, server.address)
	server.validate = func(ctx context.Context, _ *assayv1.ValidateRequest) (*assayv1.ValidateResponse, error) {
		go func() { _ = client.Close() }()
		<-ctx.Done()
		return nil, ctx.Err()
	}
	for range 2 {
		if _, err := client.Validate(soon(t), event(0)); !errors.Is(err, assay.ErrClosed) || errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if err := client.Close(); err != nil {
		t.Error(err)
	}
}
