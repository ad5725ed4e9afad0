package assay

import (
	"fmt"
	"math/rand/v2"
	"time"

	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/grpc/codes"
)

// A book keeps a stream's messages: what was sent, what was answered, what to send again. It does no I/O and never
// waits; the stream drives it under a lock.
//
// A message in line has its sequence and never changes; sent of them, the oldest, have been handed out for the call
// under way. When a call ends early that count goes back to nothing, so that the next call begins with the first
// message without an answer.
type book struct {
	tuning   StreamTuning
	options  *assayv1.ValidateOptions
	gatherer gatherer

	line         []inLine
	sent         int
	lastSequence uint64

	held      int // Events read from the input whose verdicts the caller has not taken.
	heldBytes int // Bytes of the messages in line.
	answered  int
	fruitless int // Calls in a row that ended without one more answer.

	due        time.Time // When the events gathered so far are to be flushed; zero if there are none.
	inputEnded bool
}

type inLine struct {
	message *assayv1.ValidateStreamRequest
	bytes   int
}

func newBook(settings *callSettings) *book {
	tuning := settings.tuning.withDefaults()
	maxEvents := min(tuning.MaxEventsPerMessage, tuning.LookAhead)
	if tuning.MaxDelay < 0 {
		maxEvents = 1
	}
	return &book{
		tuning:   tuning,
		options:  settings.message(),
		gatherer: gatherer{maxEvents: maxEvents, maxBytes: tuning.MaxBytesPerMessage},
	}
}

// hasRoom tells whether another event may be read from the input.
func (b *book) hasRoom() bool {
	return b.held < b.tuning.LookAhead && b.heldBytes < b.tuning.LookAheadBytes
}

// add takes the next event of the input, and tells whether there is something new for whoever sends: a message, or when
// one is due.
func (b *book) add(event *assayv1.Event, bytes int) (news bool) {
	full := b.gatherer.add(event, bytes)
	b.held++
	if full.events != nil {
		b.putInLine(full)
		news = true
	}
	switch {
	case len(b.gatherer.begun.events) == 0:
	case !b.hasRoom():
		b.flush()
		news = true
	case b.due.IsZero():
		b.due = time.Now().Add(b.tuning.MaxDelay)
		news = true
	}
	return news
}

// flush puts what is gathered in line, to be sent as it is.
func (b *book) flush() {
	if begun := b.gatherer.flush(); begun.events != nil {
		b.putInLine(begun)
	}
}

func (b *book) endInput() {
	b.flush()
	b.inputEnded = true
}

func (b *book) putInLine(full gathered) {
	b.lastSequence++
	message := &assayv1.ValidateStreamRequest{Sequence: b.lastSequence, Events: full.events}
	b.line = append(b.line, inLine{message, full.bytes})
	b.heldBytes += full.bytes
	b.due = time.Time{}
}

// hasUnsent tells whether there is a message for the call under way, or for a new one.
func (b *book) hasUnsent() bool {
	return b.sent < len(b.line)
}

// nextMessage returns the next message for the call under way, of those that there are.
func (b *book) nextMessage() *assayv1.ValidateStreamRequest {
	message := b.line[b.sent].message
	b.sent++
	if b.sent > 1 || b.options == nil {
		return message
	}
	// The options hold for the call from here on.
	return &assayv1.ValidateStreamRequest{Sequence: message.Sequence, Events: message.Events, Options: b.options}
}

// answer strikes the oldest message from the line, and returns an error if response does not answer it.
func (b *book) answer(response *assayv1.ValidateStreamResponse) *CallError {
	due := "nothing"
	if b.sent > 0 {
		oldest := b.line[0].message
		if response.Sequence == oldest.Sequence && len(response.Verdicts) == len(oldest.Events) {
			b.heldBytes -= b.line[0].bytes
			b.line[0] = inLine{}
			b.line = b.line[1:]
			b.sent--
			b.answered += len(response.Verdicts)
			b.fruitless = 0
			return nil
		}
		due = fmt.Sprintf("%d verdicts for sequence %d", len(oldest.Events), oldest.Sequence)
	}
	sent := fmt.Sprintf("%d verdicts for sequence %d", len(response.Verdicts), response.Sequence)
	return brokenContract(due + " was due, but it sent " + sent)
}

// release notes that the caller has taken so many verdicts, and makes room for as many events.
func (b *book) release(count int) {
	b.held -= count
}

// callEnded notes that the call under way has ended, with an error or else with OK. It returns after how long the
// stream may be carried on, if there is anything left to do; or an error if another call would not help, or too many
// have not.
func (b *book) callEnded(failed *CallError) (time.Duration, *CallError) {
	b.sent = 0
	if failed == nil {
		if len(b.line) == 0 {
			return 0, nil
		}
		failed = &CallError{Code: codes.Unavailable, Message: "the server ended the stream before all was answered"}
	}
	asksToWait := failed.Code == codes.ResourceExhausted && failed.asksToWait
	if !asksToWait && failed.Code != codes.Unavailable && failed.Code != codes.Canceled {
		return 0, failed
	}
	if len(b.line) == 0 {
		return failed.RetryDelay, nil
	}
	if b.tuning.MaxAttempts < 0 {
		return 0, failed
	}
	if b.fruitless >= b.tuning.MaxAttempts {
		return 0, b.givenUp(failed)
	}
	wait := b.tuning.MaxBackoff
	if doubled := b.tuning.InitialBackoff << min(b.fruitless, 30); doubled > 0 {
		wait = min(wait, doubled)
	}
	wait = time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))
	b.fruitless++
	return max(wait, failed.RetryDelay), nil
}

func (b *book) givenUp(last *CallError) *CallError {
	result := *last
	result.Message = fmt.Sprintf("the stream broke off after %d events were answered, and %d attempts in a row "+
		"to carry it on got no further; the last of them: %s", b.answered, b.fruitless, last.Message)
	return &result
}

// brokenContract returns the error for a server that does not answer what it was asked.
func brokenContract(problem string) *CallError {
	return &CallError{Code: codes.Internal, Message: "the server broke the contract: " + problem}
}
