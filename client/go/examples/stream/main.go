// Streams a thousand events. Its argument is the server's address: localhost:50051 without one.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"assay.dev/assay"
)

func main() {
	client, err := assay.NewClient(append(os.Args, "localhost:50051")[1])
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	orders := func(yield func(assay.Event, error) bool) { // Of 0 to 999 items. There may be no end of them.
		for items := range 1000 {
			order := map[string]any{"order_id": "o-1", "email": "ada@example.com", "items": items, "total": 10}
			if !yield(assay.Event{Type: "order.placed", Payload: order, Timestamp: time.Now()}, nil) {
				return
			}
		}
	}
	valid, all := 0, 0
	for verdict, err := range client.ValidateStream(context.Background(), orders) {
		if err != nil {
			log.Fatal(err)
		}
		if all++; verdict.Valid() {
			valid++
		}
	}
	fmt.Println(valid, "of", all, "are valid")
}
