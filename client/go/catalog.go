package assay

import (
	"context"
	"iter"
	"time"

	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// ListEventTypes yields the contracts in service, one for each version, by event type, newest first, without their
// details. An error is a [*CallError] and the last thing it yields. Pages are fetched as they are needed.
func (c *Client) ListEventTypes(ctx context.Context) iter.Seq2[*EventType, error] {
	return func(yield func(*EventType, error) bool) {
		request := &assayv1.ListEventTypesRequest{}
		for {
			page, err := call(ctx, c, c.catalog.ListEventTypes, request)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, each := range page.EventTypes {
				if !yield(each, nil) {
					return
				}
			}
			if page.NextPageToken == "" {
				return
			}
			request = &assayv1.ListEventTypesRequest{PageToken: page.NextPageToken}
		}
	}
}

// GetEventType describes one event type: its schema, its checks, examples. The version is as in Event.ContractVersion.
// The error is a [*CallError]: ErrNotFound if the server has no contract for it.
func (c *Client) GetEventType(ctx context.Context, eventType, contractVersion string) (*EventType, error) {
	request := &assayv1.GetEventTypeRequest{EventType: eventType, ContractVersion: contractVersion}
	response, err := call(ctx, c, c.catalog.GetEventType, request)
	if err != nil {
		return nil, err
	}
	return response.EventType, nil
}

// BaselineQuery says which baseline is meant.
type BaselineQuery struct {
	// EventType is for example "flight.arrived".
	EventType string
	// Check is the check whose baseline is meant, for example "statistics.three_sigma".
	Check string
	// Field is the place it looks at, for example "/air_time".
	Field string
	// Group is the group's values, for example {"carrier": "UA"}; none if the check is ungrouped.
	Group map[string]string
	// At is the time from which the check's window counts back; zero stands for now.
	At time.Time
}

// GetBaseline tells what history has taught about one field. The error is a [*CallError]: ErrNotFound if the event type
// or the check is unknown. A group without history has a SampleCount of 0.
func (c *Client) GetBaseline(ctx context.Context, query BaselineQuery) (*Baseline, error) {
	request := &assayv1.GetBaselineRequest{
		EventType: query.EventType, Check: query.Check, Field: query.Field, Group: query.Group,
	}
	if !query.At.IsZero() {
		request.At = timestamppb.New(query.At)
	}
	return call(ctx, c, c.catalog.GetBaseline, request)
}
