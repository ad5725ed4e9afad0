// Asks about each JSON object on standard input. Give it an event type, and the address of a server.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"

	"assay.dev/assay"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: stream EVENT_TYPE ADDRESS < FILE")
	}
	client, err := assay.NewClient(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	events := func(yield func(assay.Event, error) bool) {
		for input := json.NewDecoder(os.Stdin); ; {
			var payload json.RawMessage
			err := input.Decode(&payload)
			if err == io.EOF || !yield(assay.Event{Type: os.Args[1], Payload: payload}, err) {
				return
			}
		}
	}
	for verdict, err := range client.ValidateStream(context.Background(), events) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("valid:", verdict.Valid(), verdict.Findings())
	}
}
