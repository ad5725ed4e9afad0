package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"assay.dev/assay"
	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/code"
)

// failure is an error as its user sees it.
type failure struct {
	Type       string            `json:"type"`
	Code       string            `json:"code"`
	Reason     string            `json:"reason"`
	Metadata   map[string]string `json:"metadata"`
	RetryDelay *float64          `json:"retryDelay"`
	Violations []string          `json:"violations"`
	Message    string            `json:"message"`
}

var sentinels = []struct {
	name string
	is   error
}{
	{"ErrClosed", assay.ErrClosed},
	{"ErrMalformedRequest", assay.ErrMalformedRequest},
	{"ErrNotFound", assay.ErrNotFound},
	{"ErrUnauthenticated", assay.ErrUnauthenticated},
	{"ErrPermissionDenied", assay.ErrPermissionDenied},
	{"ErrOverloaded", assay.ErrOverloaded},
	{"ErrUnavailable", assay.ErrUnavailable},
	{"ErrDeadlineExceeded", assay.ErrDeadlineExceeded},
	{"ErrInternal", assay.ErrInternal},
}

func describe(err error) *failure {
	result := &failure{Type: fmt.Sprintf("%T", err), Metadata: map[string]string{}, Violations: []string{}, Message: err.Error()}
	var failed *assay.CallError
	if !errors.As(err, &failed) {
		return result
	}
	for _, each := range sentinels {
		if errors.Is(err, each.is) {
			result.Type = each.name
			break
		}
	}
	result.Code = code.Code(failed.Code).String()
	result.Reason = failed.Reason
	if failed.Metadata != nil {
		result.Metadata = failed.Metadata
	}
	if failed.RetryDelay > 0 {
		delay := failed.RetryDelay.Seconds()
		result.RetryDelay = &delay
	}
	for _, violation := range failed.Violations {
		result.Violations = append(result.Violations, violation.Field)
	}
	return result
}

// leaks names the goroutines that were not there before, once they have had time to end.
func leaks(before goleak.Option) []string {
	deadline := time.Now().Add(10 * time.Second)
	for {
		err := goleak.Find(before)
		if err == nil {
			return []string{}
		}
		if time.Now().After(deadline) {
			return strings.Split(err.Error(), "\n\n")
		}
	}
}
