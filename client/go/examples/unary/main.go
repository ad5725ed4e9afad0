// Asks about one event. Give it the address of a server; without one, it is localhost:50051.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"assay.dev/assay"
)

type user struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Age   int    `json:"age"`
}

func main() {
	address := "localhost:50051"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	client, err := assay.NewClient(address)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	event := assay.Event{Type: "user.registered", Payload: user{Name: "", Email: "ada@example.com", Age: 36}}
	verdict, err := client.Validate(context.Background(), event)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("valid:", verdict.Valid())
	for _, finding := range verdict.Findings() {
		fmt.Println(finding.Check, finding.Field, finding.Message)
	}
}
