package assay

import (
	"bytes"
	"context"
	"encoding/json"
	"runtime"

	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// read puts the input into the book, as far as there is room.
func (s *stream) read(ctx context.Context, events source) {
	returned := false
	defer func() {
		if !returned {
			s.unwind = runtime.Goexit
			if cause := recover(); cause != nil {
				s.unwind = func() { panic(cause) }
			}
		}
		s.mutex.Lock()
		s.book.endInput()
		s.mutex.Unlock()
		notify(s.news)
	}()
	position := 0
	events(ctx, func(event Event, err error) bool {
		if ctx.Err() != nil {
			return false
		}
		if err != nil {
			s.inputError = err
			return false
		}
		message, bytes, problem := event.encode()
		if problem != nil {
			problem.Position = position
			s.inputError = problem
			return false
		}
		position++
		own(message, event.Payload)
		s.mutex.Lock()
		news, room := s.book.add(message, bytes), s.book.hasRoom()
		s.mutex.Unlock()
		if news {
			notify(s.news)
		}
		return room || s.awaitRoom(ctx)
	})
	returned = true
}

// own copies what message shares with payload, which the caller may use again, while the message is kept until it is
// answered.
func own(message *assayv1.Event, payload any) {
	switch payload.(type) {
	case []byte, json.RawMessage:
		if body, found := message.Body.(*assayv1.Event_PayloadJson); found {
			body.PayloadJson = bytes.Clone(body.PayloadJson)
		}
	case *structpb.Struct:
		if body, found := message.Body.(*assayv1.Event_Payload); found {
			body.Payload = proto.CloneOf(body.Payload)
		}
	}
}

// awaitRoom waits until another event may be read. It returns false if the context has ended.
func (s *stream) awaitRoom(ctx context.Context) bool {
	for {
		select {
		case <-s.room:
		case <-ctx.Done():
			return false
		}
		s.mutex.Lock()
		room := s.book.hasRoom()
		s.mutex.Unlock()
		if room {
			return true
		}
	}
}
