package assay

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"
	"time"

	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

// lastWait is how long a caller who is done waits for the input's goroutine: enough, unless the input itself blocks.
const lastWait = 100 * time.Millisecond

// ValidateStream checks events as they come: it yields one verdict for each, in their order, for as long as there are
// events. [Events] and [FromSeq] make an input of what cannot fail, and [Client.ValidateChannel] reads from a channel.
//
// Events are gathered into messages, each sent when it is full or when its first event has waited for
// StreamTuning.MaxDelay. When the server drains or dies, the stream is carried on with another one, or with the same
// one once it is back, from the first event without an answer. (Such an event may have been judged twice, and where a
// contract learns from live events, learned from twice; it is answered once.)
//
// An error is the last thing that is yielded, after the verdicts of all events before: an [*EncodingError], with the
// event's position, if one cannot be sent; the input's own error, as it is; or a [*CallError] if the stream cannot be
// carried on, or ctx has ended.
//
// The input is read in a goroutine of its own, at most StreamTuning.LookAhead events ahead of the verdicts taken. Once
// yield has returned, it may use the memory of an event's payload again. Leaving the loop early ends everything; only
// an input that blocks at that moment keeps its goroutine until it goes on. Each range over what ValidateStream returns
// is a stream of its own.
func (c *Client) ValidateStream(
	ctx context.Context, events iter.Seq2[Event, error], options ...StreamOption,
) iter.Seq2[Verdict, error] {
	return c.stream(ctx, func(_ context.Context, yield func(Event, error) bool) { events(yield) }, options)
}

// ValidateChannel is ValidateStream for the events of a channel, until that is closed. Leaving the loop early leaves
// the channel's other events to whoever reads it next, but for those that were read ahead.
func (c *Client) ValidateChannel(ctx context.Context, events <-chan Event, options ...StreamOption) iter.Seq2[Verdict, error] {
	return c.stream(ctx, func(ctx context.Context, yield func(Event, error) bool) {
		for {
			select {
			case event, open := <-events:
				if !open || !yield(event, nil) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}, options)
}

// A source yields events, and may give up once the context has ended.
type source func(ctx context.Context, yield func(Event, error) bool)

func (c *Client) stream(ctx context.Context, events source, options []StreamOption) iter.Seq2[Verdict, error] {
	settings := new(callSettings)
	for _, option := range options {
		option.apply(settings)
	}
	return func(yield func(Verdict, error) bool) {
		s := &stream{client: c, book: newBook(settings), news: make(chan struct{}, 1), room: make(chan struct{}, 1)}
		s.verdicts(ctx, events, yield)
	}
}

// errLeft says that the caller has left the loop.
var errLeft = errors.New("the caller has left the loop")

// A stream drives a book from three goroutines: the caller's own, which receives; one that reads the input, because an
// input that blocks must not hold up answers; and one, for each call, that sends.
type stream struct {
	client *Client

	mutex sync.Mutex // Guards the book.
	book  *book
	news  chan struct{} // Something to send, or a time when there will be, or the end of the input.
	room  chan struct{} // Verdicts were taken.

	inputError error
	unwind     func() // Ends the caller's goroutine as the input has ended its own: with a panic, or runtime.Goexit.
}

func (s *stream) verdicts(ctx context.Context, events source, yield func(Verdict, error) bool) {
	inner, cancel := context.WithCancel(ctx)
	read := make(chan struct{})
	go func() {
		defer close(read)
		s.read(inner, events)
	}()
	defer func() {
		cancel()
		select {
		case <-read:
			if s.unwind != nil {
				s.unwind()
			}
		case <-time.After(lastWait):
		}
	}()
	err := s.carryOn(inner, yield)
	if err == nil {
		<-read
		if s.unwind != nil {
			return
		}
		err = s.inputError
	}
	if err != nil && err != errLeft {
		yield(Verdict{}, err)
	}
}

// carryOn makes one call after the other until all is answered. What it returns in the end says why not all was.
func (s *stream) carryOn(ctx context.Context, yield func(Verdict, error) bool) error {
	for s.awaitMessage(ctx) {
		failed, err := s.oneCall(ctx, yield)
		if err != nil {
			return err
		}
		if failed != nil && hasEnded(ctx) && (failed.Code == codes.Canceled || failed.Code == codes.DeadlineExceeded) {
			return contextError(ctx)
		}
		if failed != nil && s.client.closed.Load() {
			return closedError()
		}
		s.mutex.Lock()
		wait, final := s.book.callEnded(failed)
		s.mutex.Unlock()
		if final != nil {
			return final
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return contextError(ctx)
		}
	}
	if ctx.Err() != nil { // An input that watches the context may have ended before its time.
		return contextError(ctx)
	}
	return nil
}

// oneCall yields what one call answers. It returns what the call failed with, if it did; or an error that ends the
// stream.
func (s *stream) oneCall(ctx context.Context, yield func(Verdict, error) bool) (failed *CallError, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	call, err := s.client.openStream(ctx)
	if err != nil {
		return s.client.failure(ctx, err), nil
	}
	sent := make(chan error, 1)
	go func() { sent <- s.send(ctx, call) }()
	defer func() {
		cancel()
		if sendError := <-sent; sendError != nil && failed != nil && err == nil {
			failed = s.client.failure(ctx, sendError)
		}
	}()
	for {
		response, err := call.Recv()
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return s.client.failure(ctx, err), nil
		}
		s.mutex.Lock()
		broken := s.book.answer(response)
		s.mutex.Unlock()
		if broken != nil {
			return nil, broken
		}
		for _, verdict := range response.Verdicts {
			if !yield(Verdict{verdict}, nil) {
				return nil, errLeft
			}
		}
		s.mutex.Lock()
		s.book.release(len(response.Verdicts))
		s.mutex.Unlock()
		notify(s.room)
	}
}

func (c *Client) openStream(ctx context.Context) (assayv1.ValidationService_ValidateStreamClient, error) {
	return c.validation.ValidateStream(c.outgoing(ctx), grpc.WaitForReady(false))
}

// send sends on one call what is to be sent, as it becomes due. It returns an error only for what the receiving side is
// not told.
func (s *stream) send(ctx context.Context, call assayv1.ValidationService_ValidateStreamClient) error {
	for s.awaitMessage(ctx) {
		s.mutex.Lock()
		message := s.book.nextMessage()
		s.mutex.Unlock()
		if err := call.Send(message); err != nil {
			if err == io.EOF || ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
	if ctx.Err() == nil {
		_ = call.CloseSend() // It never fails; how the call ends is for the receiving side to learn.
	}
	return nil
}

// awaitMessage waits for a message to send. It returns false if there will be none: the input or the context has ended.
func (s *stream) awaitMessage(ctx context.Context) bool {
	for {
		found, ended, due := s.look()
		if found || ended || ctx.Err() != nil {
			return found && ctx.Err() == nil
		}
		var alarm <-chan time.Time
		if !due.IsZero() {
			alarm = time.After(time.Until(due))
		}
		select {
		case <-s.news:
		case <-alarm:
		case <-ctx.Done():
		}
	}
}

// look tells whether there is a message to send, whether there will be none any more, and else when there will be one
// at the latest.
func (s *stream) look() (found, ended bool, due time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	book := s.book
	if !book.hasUnsent() && !book.due.IsZero() && !book.due.After(time.Now()) {
		book.flush()
	}
	return book.hasUnsent(), book.inputEnded, book.due
}

// notify leaves a note for whoever waits on the channel, or will: one is as good as several.
func notify(channel chan<- struct{}) {
	select {
	case channel <- struct{}{}:
	default:
	}
}
