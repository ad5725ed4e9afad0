package assay

import (
	"crypto/tls"
	"time"

	"google.golang.org/grpc"
)

// DefaultTimeout is how long a call may take, streams excepted, whose context has no deadline.
const DefaultTimeout = 10 * time.Second

// Option says how a client reaches its servers.
type Option func(*settings)

type settings struct {
	tls       *tls.Config
	encrypted bool
	plaintext bool
	timeout   time.Duration
	metadata  []string
	dial      []grpc.DialOption
}

// WithTLS encrypts. A nil config trusts the system's authorities and shows no certificate; [LoadTLS] makes one from
// files.
func WithTLS(config *tls.Config) Option {
	return func(s *settings) { s.tls, s.encrypted = config, true }
}

// WithPlaintext does not encrypt. It has to be said for any address that is not on this machine.
func WithPlaintext() Option {
	return func(s *settings) { s.plaintext = true }
}

// WithToken sends "authorization: Bearer <token>" with every call.
func WithToken(token string) Option {
	return WithMetadata("authorization", "Bearer "+token)
}

// WithMetadata sends a pair with every call. What a context carries, by gRPC's own metadata package, is sent too.
func WithMetadata(key, value string) Option {
	return func(s *settings) { s.metadata = append(s.metadata, key, value) }
}

// WithTimeout sets how long a call may take, streams excepted, whose context has no deadline, in place of
// DefaultTimeout; 0 for as long as it takes. While there is time left, a call waits for a server to be there.
func WithTimeout(timeout time.Duration) Option {
	return func(s *settings) { s.timeout = timeout }
}

// WithDialOptions adds to this client's own choice of gRPC's options, or replaces parts of it.
func WithDialOptions(options ...grpc.DialOption) Option {
	return func(s *settings) { s.dial = append(s.dial, options...) }
}
