package assay

import (
	"time"

	assayv1 "assay.dev/assay/gen/assay/v1"
)

// ValidateOption says how to check, and what to report.
type ValidateOption interface {
	StreamOption
	validateOption()
}

// StreamOption is a ValidateOption, or says how a stream is gathered and carried on.
type StreamOption interface {
	apply(*callSettings)
}

type callSettings struct {
	options assayv1.ValidateOptions
	chosen  bool
	tuning  StreamTuning
}

// message returns the options; nil if each has its default.
func (s *callSettings) message() *assayv1.ValidateOptions {
	if !s.chosen {
		return nil
	}
	return &s.options
}

type validateOption func(*assayv1.ValidateOptions)

func (o validateOption) validateOption() {}

func (o validateOption) apply(s *callSettings) {
	o(&s.options)
	s.chosen = true
}

// ReturnNormalized returns the payload as the contract normalises it, in Verdict.Normalized.
func ReturnNormalized() ValidateOption {
	return validateOption(func(o *assayv1.ValidateOptions) { o.ReturnNormalized = true })
}

// Explain explains what every statistical and anomaly check saw, in Verdict.Explanations. It costs time on every event.
func Explain() ValidateOption {
	return validateOption(func(o *assayv1.ValidateOptions) { o.Explain = true })
}

// DryRun leaves history and every other learned state as they are.
func DryRun() ValidateOption {
	return validateOption(func(o *assayv1.ValidateOptions) { o.DryRun = true })
}

// ReportFrom sets the least strict findings to report, in place of EnforcementWarn.
func ReportFrom(least Enforcement) ValidateOption {
	return validateOption(func(o *assayv1.ValidateOptions) { o.ReportFrom = least })
}

// RejectFrom sets the least strict findings that make an event not valid, in place of EnforcementReject.
func RejectFrom(least Enforcement) ValidateOption {
	return validateOption(func(o *assayv1.ValidateOptions) { o.RejectFrom = least })
}

// StreamTuning says how ValidateStream gathers events into messages, and how long it tries to carry on. A field that is
// 0 has its default.
type StreamTuning struct {
	// LookAhead is how many events are read from the input, at most, ahead of the verdicts that the caller has taken.
	// By default 5,000.
	LookAhead int
	// LookAheadBytes is about how many bytes of events are held, at most, until they are answered. By default 16 MiB.
	LookAheadBytes int
	// MaxEventsPerMessage is how many events a message holds, at most. By default 500; servers take 10,000 unless set
	// otherwise.
	MaxEventsPerMessage int
	// MaxBytesPerMessage is about how many bytes of events a message holds; a larger event travels by itself. By
	// default 1 MiB.
	MaxBytesPerMessage int
	// MaxDelay is how long an event waits, at most, for others to fill its message. By default 5 ms; if negative, each
	// travels by itself.
	MaxDelay time.Duration
	// MaxAttempts is how often in a row a broken stream is begun again without one more answer. By default 10; if
	// negative, it is not carried on at all.
	MaxAttempts int
	// InitialBackoff is how long to wait before the first of these attempts; twice as long before each of the next, ±
	// 20 %. By default 50 ms.
	InitialBackoff time.Duration
	// MaxBackoff is how long to wait before an attempt, at most. By default 5 s, with which the ten take about 20 s.
	MaxBackoff time.Duration
}

// WithTuning replaces the defaults of a stream.
func WithTuning(tuning StreamTuning) StreamOption {
	return streamOption(tuning)
}

type streamOption StreamTuning

func (o streamOption) apply(s *callSettings) { s.tuning = StreamTuning(o) }

func (t StreamTuning) withDefaults() StreamTuning {
	orDefault(&t.LookAhead, 5_000)
	orDefault(&t.LookAheadBytes, 16<<20)
	orDefault(&t.MaxEventsPerMessage, 500)
	orDefault(&t.MaxBytesPerMessage, 1<<20)
	orDefault(&t.InitialBackoff, 50*time.Millisecond)
	orDefault(&t.MaxBackoff, 5*time.Second)
	if t.MaxDelay == 0 {
		t.MaxDelay = 5 * time.Millisecond
	}
	if t.MaxAttempts == 0 {
		t.MaxAttempts = 10
	}
	return t
}

func orDefault[T int | time.Duration](field *T, standard T) {
	if *field <= 0 {
		*field = standard
	}
}
