package main

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"

	"assay.dev/assay"
)

// validateEach asks about each event by a call of its own, as many at a time as the request says, and yields verdicts
// in the order of the events, up to the first that has none.
func validateEach(ctx context.Context, client *assay.Client, events []assay.Event, request *request) iter.Seq2[assay.Verdict, error] {
	options := request.validateOptions()
	return func(yield func(assay.Verdict, error) bool) {
		if request.Concurrency <= 1 {
			for _, event := range events {
				verdict, err := client.Validate(ctx, event, options...)
				if !yield(verdict, err) || err != nil {
					return
				}
			}
			return
		}
		verdicts, errors := make([]assay.Verdict, len(events)), make([]error, len(events))
		var next atomic.Int64
		var workers sync.WaitGroup
		for range request.Concurrency {
			workers.Add(1)
			go func() {
				defer workers.Done()
				for position := next.Add(1) - 1; position < int64(len(events)); position = next.Add(1) - 1 {
					verdicts[position], errors[position] = client.Validate(ctx, events[position], options...)
				}
			}()
		}
		workers.Wait()
		for position, err := range errors {
			if err != nil {
				yieldAll(yield, verdicts[:position], err)
				return
			}
		}
		yieldAll(yield, verdicts, nil)
	}
}

func yieldAll(yield func(assay.Verdict, error) bool, verdicts []assay.Verdict, err error) {
	for _, verdict := range verdicts {
		if !yield(verdict, nil) {
			return
		}
	}
	if err != nil {
		yield(assay.Verdict{}, err)
	}
}
