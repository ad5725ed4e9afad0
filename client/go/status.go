package assay

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// newCallError returns the error that says why a call has failed; details that cannot be read are left out.
func newCallError(failed error) *CallError {
	answer := status.Convert(failed)
	result := &CallError{Code: answer.Code(), Message: answer.Message(), status: answer}
	if result.Message == "" {
		result.Message = codeName(result.Code)
	}
	for _, detail := range answer.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			result.Reason, result.Metadata = detail.Reason, detail.Metadata
		case *errdetails.RetryInfo:
			result.RetryDelay, result.asksToWait = detail.RetryDelay.AsDuration(), true
		case *errdetails.BadRequest:
			for _, violation := range detail.FieldViolations {
				result.Violations = append(result.Violations, FieldViolation{violation.Field, violation.Description})
			}
		}
	}
	return result
}

// hasEnded tells whether ctx has ended, or its deadline has come: what happens on the way can be faster than ctx itself.
func hasEnded(ctx context.Context) bool {
	deadline, found := ctx.Deadline()
	return ctx.Err() != nil || found && !time.Now().Before(deadline)
}

// contextError returns the error for a call that its own context has ended.
func contextError(ctx context.Context) *CallError {
	code, cause := codes.DeadlineExceeded, context.Cause(ctx)
	if ctx.Err() == context.Canceled {
		code = codes.Canceled
	}
	if cause == nil {
		cause = context.DeadlineExceeded
	}
	return &CallError{Code: code, Message: cause.Error(), cause: cause}
}

func closedError() *CallError {
	return &CallError{Code: codes.Canceled, Message: "the client is closed", cause: ErrClosed}
}

// failure returns the error for a call that was made with ctx and has failed.
func (c *Client) failure(ctx context.Context, failed error) *CallError {
	result := newCallError(failed)
	switch {
	case result.Code == codes.Canceled && c.closed.Load():
		return closedError()
	case result.Reason != "":
		return result
	case ctx.Err() != nil && result.Code == codes.Canceled:
		return contextError(ctx)
	case result.Code == codes.DeadlineExceeded:
		result.Message = fmt.Sprintf("%s did not answer in time, or is not there (%s)", c.address, result.Message)
		if hasEnded(ctx) {
			result.cause = contextError(ctx).cause
		}
	}
	return result
}

// codeName returns a code's canonical name, "INVALID_ARGUMENT" for codes.InvalidArgument.
func codeName(code codes.Code) string {
	switch code {
	case codes.OK:
		return "OK"
	case codes.Canceled:
		return "CANCELLED"
	}
	var name strings.Builder
	for position, letter := range code.String() {
		if position > 0 && unicode.IsUpper(letter) {
			name.WriteByte('_')
		}
		name.WriteRune(unicode.ToUpper(letter))
	}
	return name.String()
}
