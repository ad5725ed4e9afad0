package assay_test

import (
	"errors"
	"testing"
	"time"

	"assay.dev/assay"
	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/grpc/codes"
)

// The list of event types is fetched page by page, as far as it is wanted; an error is the last of it.
func TestListEventTypes(t *testing.T) {
	pages := 0
	server := serve(t, &server{list: func(request *assayv1.ListEventTypesRequest) (*assayv1.ListEventTypesResponse, error) {
		pages++
		switch request.PageToken {
		case "":
			return &assayv1.ListEventTypesResponse{EventTypes: []*assayv1.EventType{
				{EventType: "a"}, {EventType: "b"},
			}, NextPageToken: "2"}, nil
		case "2":
			return &assayv1.ListEventTypesResponse{EventTypes: []*assayv1.EventType{{EventType: "c"}}, NextPageToken: "3"}, nil
		}
		return nil, refusal(codes.Internal, "INTERNAL")
	}})
	client := connect(t, server.address)
	found := ""
	var failed error
	for each, err := range client.ListEventTypes(soon(t)) {
		found += each.GetEventType()
		failed = err
	}
	if found != "abc" || !errors.Is(failed, assay.ErrInternal) || pages != 3 {
		t.Error(found, failed, pages)
	}
	for range client.ListEventTypes(soon(t)) {
		break
	}
	if pages != 4 {
		t.Errorf("%d pages for one event type", pages-3)
	}
}

// A baseline is asked for as the query says.
func TestGetBaseline(t *testing.T) {
	server := serve(t, &server{baseline: func(request *assayv1.GetBaselineRequest) (*assayv1.GetBaselineResponse, error) {
		if request.EventType != "f" || request.Check != "c" || request.Field != "/x" || request.Group["k"] != "v" ||
			request.At.AsTime().Unix() != 7 {
			t.Errorf("the request is %v", request)
		}
		return &assayv1.GetBaselineResponse{SampleCount: 5}, nil
	}})
	client := connect(t, server.address)
	query := assay.BaselineQuery{EventType: "f", Check: "c", Field: "/x", Group: map[string]string{"k": "v"}, At: time.Unix(7, 0)}
	if baseline, err := client.GetBaseline(soon(t), query); err != nil || baseline.SampleCount != 5 {
		t.Error(baseline, err)
	}
	if _, err := client.GetEventType(soon(t), "f", "1"); err == nil {
		t.Error("a method that is not there has answered")
	}
}
