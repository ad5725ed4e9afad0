// The conformance runner: it puts what it reads, a request a line, to the client, and answers with what a user of the
// client would see.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"go.uber.org/goleak"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func run() error {
	clients := clients{}
	defer clients.close()
	requests := json.NewDecoder(bufio.NewReader(os.Stdin))
	answers := json.NewEncoder(os.Stdout)
	answers.SetEscapeHTML(false)
	for requests.More() {
		var request request
		if err := requests.Decode(&request); err != nil {
			return fmt.Errorf("a request cannot be read: %w", err)
		}
		if !slices.Contains(calls, request.Call) {
			return fmt.Errorf("there is no call %q, but %q", request.Call, calls)
		}
		if err := answers.Encode(respond(clients, &request)); err != nil {
			return fmt.Errorf("an answer cannot be written: %w", err)
		}
	}
	return nil
}

// respond makes the call, on a client of its own if the request asks for one, or for what is left behind.
func respond(clients clients, request *request) answer {
	if !request.Fresh && !request.Leaks {
		client, err := clients.of(request)
		if err != nil {
			return answer{Error: describe(err)}
		}
		return call(client, request)
	}
	if request.Leaks {
		clients.close() // What they do meanwhile would be taken for what is left behind.
	}
	before := goleak.IgnoreCurrent()
	client, err := connect(request)
	if err != nil {
		return answer{Error: describe(err)}
	}
	result := call(client, request)
	if err := client.Close(); err != nil && result.Error == nil {
		result.Error = describe(err)
	}
	if request.Leaks {
		result.Leaks = leaks(before)
	}
	return result
}
