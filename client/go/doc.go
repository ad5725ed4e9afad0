// Package assay is the Go client of Assay, which tells whether events are well-formed, plausible and normal.
//
// One event, with an answer that a program can act on:
//
//	client, err := assay.NewClient("localhost:50051")
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//
//	verdict, err := client.Validate(ctx, assay.Event{Type: "user.registered", Payload: user})
//	if err != nil {
//		return err // There is no answer: an *assay.CallError says why.
//	}
//	for _, finding := range verdict.Findings() {
//		log.Println(finding.Check, finding.Field, finding.Enforcement)
//	}
//
// An event that is not valid is an answer and no error. Where an error serves better, [Verdict.Err] makes one of it.
//
// As many events as there are, one verdict for each, in order, whatever becomes of the servers meanwhile:
//
//	for verdict, err := range client.ValidateStream(ctx, events) {
//		if err != nil {
//			return err
//		}
//		...
//	}
//
// # Errors
//
// What is wrong with an event itself, so that it cannot be sent, is an [*EncodingError]. A call without an answer gives
// a [*CallError], which keeps the status code, the server's reason and metadata, and when to try again. [errors.Is]
// tells the kinds apart: [ErrOverloaded], [ErrNotFound] and so on, and [context.Canceled] and
// [context.DeadlineExceeded] too.
//
// # What is tried again
//
// A call that got UNAVAILABLE is tried up to four times within its deadline, and a stream that breaks off is carried on
// as [StreamTuning] says, also where the server asks to wait. Any other call that is turned away because the server is
// busy gives [ErrOverloaded]: whether to wait for its RetryDelay is the caller's to know.
package assay
