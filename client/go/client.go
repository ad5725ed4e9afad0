package assay

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Batches hold at most so many events, and about so many bytes. A thousand events a message cost a server hardly more
// each than ten thousand would, stay below its limits unless it was given lower ones, and leave room for the details of
// every answer.
const (
	maxBatchEvents = 1000
	maxBatchBytes  = 1 << 20
)

// maxRetryBytes is how large a request may be and still be sent again. Servers take 4 MiB unless set otherwise.
const maxRetryBytes = 8 << 20

// Client asks Assay servers about events. Goroutines may share a client; Close it when all of them are done.
type Client struct {
	address    string
	timeout    time.Duration
	metadata   []string
	connection *grpc.ClientConn
	validation assayv1.ValidationServiceClient
	catalog    assayv1.CatalogServiceClient
	closed     atomic.Bool
}

// NewClient makes a client. It connects when it is first used.
//
// The address is a gRPC target: "host:port", which spreads calls over all addresses of the name;
// "ipv4:10.0.0.1:50051,10.0.0.2:50051"; "unix:/run/assay.sock". One that is not on this machine takes WithTLS or
// WithPlaintext.
func NewClient(address string, options ...Option) (*Client, error) {
	settings := &settings{timeout: DefaultTimeout}
	for _, option := range options {
		option(settings)
	}
	dialOptions, err := settings.dialOptions(address)
	if err != nil {
		return nil, err
	}
	connection, err := grpc.NewClient(address, dialOptions...)
	if err != nil {
		return nil, fmt.Errorf("assay: %w", err)
	}
	return &Client{
		address:    address,
		timeout:    settings.timeout,
		metadata:   settings.metadata,
		connection: connection,
		validation: assayv1.NewValidationServiceClient(connection),
		catalog:    assayv1.NewCatalogServiceClient(connection),
	}, nil
}

// Close closes the connections. Calls that are under way end with an error. To close a client again does nothing.
func (c *Client) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	return c.connection.Close()
}

// Validate checks one event.
//
// The error is an [*EncodingError] if the event cannot be sent, or a [*CallError] if there is no answer. That an event
// is not valid is an answer.
func (c *Client) Validate(ctx context.Context, event Event, options ...ValidateOption) (Verdict, error) {
	message, _, problem := event.encode()
	if problem != nil {
		return Verdict{}, problem
	}
	request := &assayv1.ValidateRequest{Event: message, Options: optionsMessage(options)}
	response, err := call(ctx, c, c.validation.Validate, request)
	if err != nil {
		return Verdict{}, err
	}
	return Verdict{response.GetVerdict()}, nil
}

// ValidateBatch checks several events: the n-th verdict answers the n-th event.
//
// More than a thousand events, or a mebibyte, go as several calls one after the other, all within one deadline. No
// event is sent before all are converted; for more than fit in memory, or than can be answered in time, there is
// ValidateStream.
//
// The error is an [*EncodingError], with the event's position, if one cannot be sent, or a [*CallError] if there is no
// answer.
func (c *Client) ValidateBatch(ctx context.Context, events []Event, options ...ValidateOption) ([]Verdict, error) {
	messages, problem := batches(events)
	if problem != nil {
		return nil, problem
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	chosen := optionsMessage(options)
	verdicts := make([]Verdict, 0, len(events))
	for _, message := range messages {
		request := &assayv1.ValidateBatchRequest{Events: message.events, Options: chosen}
		response, err := call(ctx, c, c.validation.ValidateBatch, request)
		if err != nil {
			return nil, err
		}
		if len(response.Verdicts) != len(message.events) {
			return nil, brokenContract(fmt.Sprintf("%d verdicts were due, but it sent %d", len(message.events), len(response.Verdicts)))
		}
		for _, verdict := range response.Verdicts {
			verdicts = append(verdicts, Verdict{verdict})
		}
	}
	return verdicts, nil
}

func batches(events []Event) ([]gathered, *EncodingError) {
	var messages []gathered
	gatherer := gatherer{maxEvents: maxBatchEvents, maxBytes: maxBatchBytes}
	for position := range events {
		message, bytes, problem := events[position].encode()
		if problem != nil {
			problem.Position = position
			return nil, problem
		}
		if full := gatherer.add(message, bytes); full.events != nil {
			messages = append(messages, full)
		}
	}
	if last := gatherer.flush(); last.events != nil {
		messages = append(messages, last)
	}
	return messages, nil
}

func optionsMessage(options []ValidateOption) *assayv1.ValidateOptions {
	if len(options) == 0 {
		return nil
	}
	settings := new(callSettings)
	for _, option := range options {
		option.apply(settings)
	}
	return settings.message()
}

// bounded returns ctx with the client's own timeout if it has no deadline.
func (c *Client) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, found := ctx.Deadline(); found || c.timeout <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, c.timeout)
}

// outgoing returns ctx with what is sent with every call.
func (c *Client) outgoing(ctx context.Context) context.Context {
	if len(c.metadata) == 0 {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, c.metadata...)
}

// call makes a unary call, and waits for a server to be there as far as there is a deadline: without one, that would be
// for ever.
func call[Q, R any](
	ctx context.Context, c *Client, method func(context.Context, *Q, ...grpc.CallOption) (*R, error), request *Q,
) (*R, error) {
	if c.closed.Load() {
		return nil, closedError()
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	_, hasDeadline := ctx.Deadline()
	response, err := method(c.outgoing(ctx), request, grpc.WaitForReady(hasDeadline), grpc.MaxRetryRPCBufferSize(maxRetryBytes))
	if err != nil {
		return nil, c.failure(ctx, err)
	}
	return response, nil
}
