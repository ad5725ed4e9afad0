// Asks for one verdict. Its argument is the server's address: localhost:50051 without one.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"assay.dev/assay"
)

type order struct {
	ID     string  `json:"order_id"`
	Email  string  `json:"email"`
	Items  int     `json:"items"`
	Total  float64 `json:"total"`
	Refund float64 `json:"refund"`
}

func main() {
	client, err := assay.NewClient(append(os.Args, "localhost:50051")[1])
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	order := order{ID: "o-1", Email: "ada@example.com", Items: 2, Total: 10, Refund: 12}
	verdict, err := client.Validate(context.Background(), assay.Event{Type: "order.placed", Payload: order})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("valid:", verdict.Valid())
	for _, finding := range verdict.Findings() {
		fmt.Printf("%s %v: %s\n", finding.Check, finding.Enforcement, finding.Message)
	}
}
