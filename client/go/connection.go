package assay

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	assayv1 "assay.dev/assay/gen/assay/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health" // Has a connection say, by the service config, whether it leads to a server that takes calls.
	"google.golang.org/grpc/keepalive"
)

// maxReceiveBytes is the largest response taken. Servers keep to a limit of their own, 4 MiB unless set otherwise.
const maxReceiveBytes = 64 << 20

// One connection to every server behind the name, in turn, to those that say they are serving; a server without the
// health service counts as serving. Streams have no retryPolicy: the client itself carries them on, from the first
// event without an answer. A server that fails half of what it gets is not sent everything four times.
var serviceConfig = fmt.Sprintf(`{
  "loadBalancingConfig": [{"round_robin": {}}],
  "healthCheckConfig": {"serviceName": ""},
  "methodConfig": [{
    "name": [{"service": %q, "method": "Validate"}, {"service": %q, "method": "ValidateBatch"}, {"service": %q}],
    "retryPolicy": {
      "maxAttempts": 4,
      "initialBackoff": "0.1s",
      "maxBackoff": "2s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }],
  "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.5}
}`, assayv1.ValidationService_ServiceDesc.ServiceName, assayv1.ValidationService_ServiceDesc.ServiceName,
	assayv1.CatalogService_ServiceDesc.ServiceName)

// dialOptions returns all that a connection is made of, with every default filled in.
func (s *settings) dialOptions(address string) ([]grpc.DialOption, error) {
	if s.encrypted && s.plaintext {
		return nil, errors.New("assay: WithTLS and WithPlaintext exclude each other: give one of them")
	}
	if !s.encrypted && !s.plaintext && !isLocal(address) {
		return nil, fmt.Errorf("assay: %s is not on this machine: pass assay.WithTLS(nil) to encrypt, "+
			"or assay.WithPlaintext() to send events and tokens unprotected", address)
	}
	if err := checkAddressList(address); err != nil {
		return nil, err
	}
	transport := insecure.NewCredentials()
	if s.encrypted {
		transport = credentials.NewTLS(s.tls)
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithResolvers(addressList("ipv4"), addressList("ipv6")),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReceiveBytes)),
		grpc.WithUserAgent("assay-go/" + Version),
		// Servers take pings no oftener than every five minutes, and close the connection otherwise. What matters more:
		// with it, the kernel gives up on a peer that has not acknowledged for as long as the timeout.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 330 * time.Second, Timeout: 20 * time.Second}),
		// A server that restarts is found again soon.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second,
			},
			MinConnectTimeout: 5 * time.Second,
		}),
	}
	return append(options, s.dial...), nil
}

// TLSFiles names files in PEM. Those that are empty have the system's default.
type TLSFiles struct {
	// CA is the authorities to trust instead of the system's.
	CA string
	// Certificate is the client's own certificate, and those between it and an authority that the server trusts (mTLS).
	Certificate string
	// Key is the key to that certificate.
	Key string
	// ServerName is the name, not a file, that the server's certificate has to be for, where it is not the one in the
	// address.
	ServerName string
}

// LoadTLS reads files into what WithTLS takes.
func LoadTLS(files TLSFiles) (*tls.Config, error) {
	config := &tls.Config{ServerName: files.ServerName, MinVersion: tls.VersionTLS12}
	if files.CA != "" {
		pem, err := os.ReadFile(files.CA)
		if err != nil {
			return nil, fmt.Errorf("assay: the authorities to trust cannot be read: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("assay: %s holds no certificate in PEM", files.CA)
		}
	}
	if (files.Certificate == "") != (files.Key == "") {
		return nil, errors.New("assay: TLSFiles.Certificate and Key go together: give both, or neither")
	}
	if files.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
		if err != nil {
			return nil, fmt.Errorf("assay: the client's certificate cannot be read: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// isLocal tells whether a gRPC target stays on this machine: a Unix socket, or loopback addresses only.
func isLocal(address string) bool {
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme {
	case "unix", "unix-abstract":
		return true
	case "ipv4", "ipv6", "dns", "passthrough":
		if authority, found := strings.CutPrefix(rest, "//"); found { // A name server, say, and then the name.
			_, rest, _ = strings.Cut(authority, "/")
		}
		for _, endpoint := range strings.Split(rest, ",") {
			if !isLoopback(endpoint) {
				return false
			}
		}
		return true
	}
	return isLoopback(address)
}

// isLoopback tells whether "host", "host:port", "[v6]", "[v6]:port" or a bare IPv6 address is loopback.
func isLoopback(endpoint string) bool {
	host := endpoint
	if name, _, err := net.SplitHostPort(endpoint); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	ip := net.ParseIP(host)
	return ip.IsLoopback() || strings.EqualFold(host, "localhost")
}
