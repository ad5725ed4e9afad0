package assay_test

import (
	"context"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"assay.dev/assay"
	assayv1 "assay.dev/assay/gen/assay/v1"
	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// patience is how long a test waits for what has to come: long, for machines that have much to do.
const patience = time.Minute

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

type (
	stream   = assayv1.ValidationService_ValidateStreamServer
	message  = assayv1.ValidateStreamRequest
	response = assayv1.ValidateStreamResponse
)

// A server of the wire contract that finds every event valid, but for what a test replaces.
type server struct {
	assayv1.UnimplementedValidationServiceServer
	assayv1.UnimplementedCatalogServiceServer

	address string
	grpc    *grpc.Server
	health  *health.Server

	validate func(context.Context, *assayv1.ValidateRequest) (*assayv1.ValidateResponse, error)
	batch    func(context.Context, *assayv1.ValidateBatchRequest) (*assayv1.ValidateBatchResponse, error)
	onStream func(stream) error
	list     func(*assayv1.ListEventTypesRequest) (*assayv1.ListEventTypesResponse, error)
	baseline func(*assayv1.GetBaselineRequest) (*assayv1.GetBaselineResponse, error)

	streams atomic.Int64
}

// serve starts a server, and stops it when the test ends.
func serve(t *testing.T, s *server, options ...grpc.ServerOption) *server {
	t.Helper()
	return serveAt(t, "127.0.0.1:0", s, options...)
}

func serveAt(t *testing.T, address string, s *server, options ...grpc.ServerOption) *server {
	t.Helper()
	network, place := "tcp", address
	if path, found := strings.CutPrefix(address, "unix:"); found {
		network, place = "unix", path
	}
	listener, err := net.Listen(network, place)
	if err != nil {
		t.Fatal(err)
	}
	if s.address = listener.Addr().String(); network == "unix" {
		s.address = address
	}
	s.grpc = grpc.NewServer(options...)
	assayv1.RegisterValidationServiceServer(s.grpc, s)
	assayv1.RegisterCatalogServiceServer(s.grpc, s)
	s.health = health.NewServer()
	healthv1.RegisterHealthServer(s.grpc, s.health)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.grpc.Serve(listener)
	}()
	t.Cleanup(func() {
		s.grpc.Stop()
		<-done
	})
	return s
}

// connect makes a client, and closes it when the test ends.
func connect(t *testing.T, address string, options ...assay.Option) *assay.Client {
	t.Helper()
	client, err := assay.NewClient(address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func (s *server) Validate(ctx context.Context, request *assayv1.ValidateRequest) (*assayv1.ValidateResponse, error) {
	if s.validate != nil {
		return s.validate(ctx, request)
	}
	return &assayv1.ValidateResponse{Verdict: verdictOn(request.Event)}, nil
}

func (s *server) ValidateBatch(ctx context.Context, request *assayv1.ValidateBatchRequest) (*assayv1.ValidateBatchResponse, error) {
	if s.batch != nil {
		return s.batch(ctx, request)
	}
	return &assayv1.ValidateBatchResponse{Verdicts: verdictsOn(request.Events)}, nil
}

func (s *server) ValidateStream(stream stream) error {
	s.streams.Add(1)
	if s.onStream != nil {
		return s.onStream(stream)
	}
	return answerAll(stream)
}

func (s *server) ListEventTypes(_ context.Context, request *assayv1.ListEventTypesRequest) (*assayv1.ListEventTypesResponse, error) {
	return s.list(request)
}

func (s *server) GetBaseline(_ context.Context, request *assayv1.GetBaselineRequest) (*assayv1.GetBaselineResponse, error) {
	return s.baseline(request)
}

// answerAll answers a stream to its end.
func answerAll(stream stream) error {
	for {
		request, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := answer(stream, request); err != nil {
			return err
		}
	}
}

func answer(stream stream, request *message) error {
	return stream.Send(&response{Sequence: request.Sequence, Verdicts: verdictsOn(request.Events)})
}

func verdictsOn(events []*assayv1.Event) []*assayv1.Verdict {
	verdicts := make([]*assayv1.Verdict, len(events))
	for i, event := range events {
		verdicts[i] = verdictOn(event)
	}
	return verdicts
}

func verdictOn(event *assayv1.Event) *assayv1.Verdict {
	return &assayv1.Verdict{EventId: event.GetEventId(), Valid: true, ContractVersion: "1.0.0"}
}

// refusal is the status that Assay gives for a reason.
func refusal(code codes.Code, reason string, details ...protoadapt.MessageV1) error {
	details = append(details, &errdetails.ErrorInfo{Reason: reason, Domain: "assay.v1", Metadata: map[string]string{"method": "m"}})
	result, err := status.New(code, "refused").WithDetails(details...)
	if err != nil {
		panic(err)
	}
	return result.Err()
}

func retryAfter(delay time.Duration) *errdetails.RetryInfo {
	return &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)}
}

// header returns what a call brought under a key.
func header(ctx context.Context, key string) string {
	values := metadata.ValueFromIncomingContext(ctx, key)
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// soon returns a context that is longer than anything a test waits for.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}
