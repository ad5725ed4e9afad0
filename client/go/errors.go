package assay

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// The kinds of failed calls, for errors.Is. What there is to know about one is in its [*CallError].
var (
	// ErrMalformedRequest is INVALID_ARGUMENT: the request lacks what it requires, or holds what the server does not
	// take; see CallError.Violations.
	ErrMalformedRequest = errors.New("assay: malformed request")
	// ErrNotFound is NOT_FOUND: the catalog has no such event type, version, or baseline.
	ErrNotFound = errors.New("assay: not found")
	// ErrUnauthenticated is UNAUTHENTICATED: no credentials, or none that the server accepts.
	ErrUnauthenticated = errors.New("assay: unauthenticated")
	// ErrPermissionDenied is PERMISSION_DENIED: the caller may not call this method.
	ErrPermissionDenied = errors.New("assay: permission denied")
	// ErrOverloaded is RESOURCE_EXHAUSTED from a server that has as much work as it takes on: try again after
	// CallError.RetryDelay.
	ErrOverloaded = errors.New("assay: overloaded")
	// ErrUnavailable is UNAVAILABLE: no server could be reached, or the one that was is going away; tried again
	// already, in vain.
	ErrUnavailable = errors.New("assay: unavailable")
	// ErrDeadlineExceeded is DEADLINE_EXCEEDED: there was no answer in time. context.DeadlineExceeded matches such an
	// error too.
	ErrDeadlineExceeded = errors.New("assay: deadline exceeded")
	// ErrInternal is INTERNAL: the server failed; whoever runs it finds why in its log, by CallError.Incident.
	ErrInternal = errors.New("assay: internal error")
	// ErrClosed is a call on a client that is, or was meanwhile, closed.
	ErrClosed = errors.New("assay: the client is closed")
)

// ErrNotNormalized is what Verdict.Normalized gives for a verdict without a normalised payload.
var ErrNotNormalized = errors.New("assay: the verdict has no normalised payload: ask for it with assay.ReturnNormalized(); " +
	"an event that its schema does not accept has none")

var sentinels = map[codes.Code]error{
	codes.InvalidArgument:  ErrMalformedRequest,
	codes.NotFound:         ErrNotFound,
	codes.Unauthenticated:  ErrUnauthenticated,
	codes.PermissionDenied: ErrPermissionDenied,
	codes.Unavailable:      ErrUnavailable,
	codes.DeadlineExceeded: ErrDeadlineExceeded,
	codes.Internal:         ErrInternal,
}

// FieldViolation is what is wrong with one field of a request.
type FieldViolation struct {
	// Field is the field's path in the request, for example "events[3].event_id".
	Field string
	// Description is what is wrong with it.
	Description string
}

// CallError is a call without an answer: something is wrong with the call itself, its caller, the server or the way
// there.
type CallError struct {
	// Code is the status code.
	Code codes.Code
	// Message is the status message, for people.
	Message string
	// Reason is the name of an ErrorReason without its prefix, for example "OVERLOADED"; empty if the failure did not
	// come from an Assay server.
	Reason string
	// Metadata is what the reason's documentation says goes with it, for example {"event_type": "flight.arrived"}.
	Metadata map[string]string
	// RetryDelay is how long the server asks to wait before the call is made again; 0 if it does not say so.
	RetryDelay time.Duration
	// Violations is, for a malformed request, what is wrong with which field.
	Violations []FieldViolation

	asksToWait bool
	status     *status.Status
	cause      error
}

// Error tells what there is to tell, on one line for each violation.
func (e *CallError) Error() string {
	var text strings.Builder
	text.WriteString("assay: ")
	if e.Reason != "" {
		text.WriteString(e.Reason)
	} else {
		text.WriteString(codeName(e.Code))
	}
	text.WriteString(": " + e.Message)
	for _, violation := range e.Violations {
		fmt.Fprintf(&text, "\n  %s: %s", violation.Field, violation.Description)
	}
	if incident := e.Incident(); incident != "" {
		fmt.Fprintf(&text, " (incident %s)", incident)
	}
	return text.String()
}

// Incident identifies the server's log entry for an internal error; it is empty for any other.
func (e *CallError) Incident() string {
	return e.Metadata["incident"]
}

// Is tells whether the error is of the kind that target stands for: one of this package's, or of package context.
func (e *CallError) Is(target error) bool {
	switch target {
	case ErrOverloaded:
		return e.isOverloaded()
	case context.DeadlineExceeded:
		return e.Code == codes.DeadlineExceeded
	case context.Canceled:
		return e.Code == codes.Canceled && e.cause != nil && e.cause != ErrClosed
	}
	sentinel, found := sentinels[e.Code]
	return found && sentinel == target
}

// The code alone does not tell: a message above a size limit is RESOURCE_EXHAUSTED too, and no wait cures that.
func (e *CallError) isOverloaded() bool {
	return e.Code == codes.ResourceExhausted && (e.Reason == "OVERLOADED" || e.asksToWait)
}

// Unwrap returns what the call was ended by on this side, such as the cause of a context; nil if that is not so.
func (e *CallError) Unwrap() error {
	return e.cause
}

// GRPCStatus returns the error as gRPC's own functions, such as status.Code, want it.
func (e *CallError) GRPCStatus() *status.Status {
	if e.status != nil {
		return e.status
	}
	return status.New(e.Code, e.Message)
}

// EncodingError is an event that cannot be sent: there is something about it that JSON or the contract cannot hold.
type EncodingError struct {
	// Problem is what is wrong, where, and what to do.
	Problem string
	// Position says which of the events it is, counted from 0; -1 where there was only one.
	Position int

	cause error
}

// Error tells what is wrong with which event.
func (e *EncodingError) Error() string {
	if e.Position < 0 {
		return "assay: " + e.Problem
	}
	return fmt.Sprintf("assay: event at position %d: %s", e.Position, e.Problem)
}

// Unwrap returns the error of whatever could not write the event; nil if there was none.
func (e *EncodingError) Unwrap() error {
	return e.cause
}

// InvalidEventError is an event that is not valid, where Verdict.Err was asked.
type InvalidEventError struct {
	// Verdict is the whole answer.
	Verdict Verdict
}

// Error lists the findings, one on a line.
func (e *InvalidEventError) Error() string {
	var text strings.Builder
	text.WriteString("assay: ")
	if id := e.Verdict.EventID(); id != "" {
		fmt.Fprintf(&text, "event %q is not valid", id)
	} else {
		text.WriteString("event is not valid")
	}
	for _, finding := range e.Verdict.Findings() {
		field := finding.Field
		if field == "" {
			field = "(event)"
		}
		fmt.Fprintf(&text, "\n  %s: %s [%s]", field, finding.Message, finding.Check)
	}
	return text.String()
}
