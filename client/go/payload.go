package assay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// A jsonWriter is an encoder that is used again and again, and what it has written last.
type jsonWriter struct {
	encoder *json.Encoder
	text    []byte
}

// Write takes a whole text, as an encoder hands it over, without the line feed at its end.
func (w *jsonWriter) Write(text []byte) (int, error) {
	w.text = bytes.Clone(text[:len(text)-1])
	return len(text), nil
}

var jsonWriters = sync.Pool{New: func() any {
	writer := new(jsonWriter)
	writer.encoder = json.NewEncoder(writer)
	writer.encoder.SetEscapeHTML(false)
	return writer
}}

// jsonText returns payload as JSON text. Text that is JSON already is passed on as it is, for the server to judge.
func jsonText(payload any) ([]byte, *EncodingError) {
	switch payload := payload.(type) {
	case []byte:
		return payload, nil
	case json.RawMessage:
		return payload, nil
	case string:
		return []byte(payload), nil
	case proto.Message:
		text, err := protojson.Marshal(payload)
		if err != nil {
			return nil, notJSON(err.Error(), err)
		}
		return text, nil
	}
	writer := jsonWriters.Get().(*jsonWriter)
	err := writer.encoder.Encode(payload)
	text := writer.text
	writer.text = nil
	jsonWriters.Put(writer)
	// What is no UTF-8 is replaced without a word, and the event would be judged by what it does not say.
	if err != nil || bytes.Contains(text, replacement) {
		if problem := findUnwritable(payload); problem != "" {
			return nil, notJSON(problem, err)
		}
	}
	if err != nil {
		return nil, notJSON(err.Error(), err)
	}
	return text, nil
}

// replacement is what encoding/json writes in place of bytes that are no UTF-8.
var replacement = []byte(`\ufffd`)

func notJSON(problem string, cause error) *EncodingError {
	return &EncodingError{Problem: "the payload cannot be written as JSON: " + problem, Position: -1, cause: cause}
}

// checkText returns an error if text is no UTF-8, which no string of a message can hold.
func checkText(name, text string) *EncodingError {
	if utf8.ValidString(text) {
		return nil
	}
	return &EncodingError{Problem: fmt.Sprintf("the event's %s is not UTF-8: %q", name, text), Position: -1}
}
