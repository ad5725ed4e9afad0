package assay

import assayv1 "assay.dev/assay/gen/assay/v1"

// A gatherer gathers events, in their order, into messages of at most so many events and about so many bytes. Only an
// event that is larger than maxBytes by itself makes a message that is.
type gatherer struct {
	maxEvents, maxBytes int

	begun gathered
}

// gathered is what goes into one message.
type gathered struct {
	events []*assayv1.Event
	bytes  int
}

// add takes an event of about so many bytes, and returns what goes into a message if that is full.
func (g *gatherer) add(event *assayv1.Event, bytes int) (full gathered) {
	if len(g.begun.events) > 0 && g.begun.bytes+bytes > g.maxBytes {
		full = g.flush()
	}
	g.begun.events = append(g.begun.events, event)
	g.begun.bytes += bytes
	if len(g.begun.events) >= g.maxEvents {
		return g.flush()
	}
	return full
}

// flush returns what is gathered so far, which may be nothing.
func (g *gatherer) flush() gathered {
	begun := g.begun
	g.begun = gathered{}
	return begun
}
