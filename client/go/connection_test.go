package assay_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"assay.dev/assay"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// Plain text beyond this machine has to be asked for, and not together with TLS.
func TestPlaintextHasToBeAskedFor(t *testing.T) {
	for _, address := range []string{
		"localhost:1", "LOCALHOST", "127.0.0.1:1", "127.8.9.1", "[::1]:1", "::1", "unix:/run/assay.sock", "unix-abstract:assay",
		"dns:///localhost:1",
		"dns://8.8.8.8/localhost:1", "ipv4:127.0.0.1:1,127.0.0.2:2", "ipv6:[::1]:1", "passthrough:///127.0.0.1:1",
	} {
		if client, err := assay.NewClient(address); err != nil {
			t.Errorf("%s: %v", address, err)
		} else {
			_ = client.Close()
		}
	}
	for _, address := range []string{
		"example.org:1", "10.0.0.1:1", "ipv4:127.0.0.1:1,10.0.0.1:1", "dns:///example.org", "[2001:db8::1]:1", "xds:///localhost", "",
	} {
		if _, err := assay.NewClient(address); err == nil ||
			!strings.Contains(err.Error(), "is not on this machine: pass assay.WithTLS(nil)") {
			t.Errorf("%s: %v", address, err)
		}
		if client, err := assay.NewClient(address, assay.WithPlaintext()); err == nil {
			_ = client.Close()
		} else if address != "xds:///localhost" {
			t.Errorf("%s, in plain text: %v", address, err)
		}
	}
	if _, err := assay.NewClient("localhost:1", assay.WithPlaintext(), assay.WithTLS(nil)); err == nil ||
		!strings.Contains(err.Error(), "exclude each other") {
		t.Error(err)
	}
}

// A list of addresses is one of addresses with ports.
func TestAddressListThatIsNone(t *testing.T) {
	for address, example := range map[string]string{
		"ipv4:127.0.0.1":    "ipv4:10.0.0.1:50051,10.0.0.2:50051",
		"ipv4:localhost:1":  "ipv4:10.0.0.1:50051,10.0.0.2:50051",
		"ipv4:127.0.0.1:1,": "ipv4:10.0.0.1:50051,10.0.0.2:50051",
		"ipv6:::1:1":        "ipv6:[::1]:50051,[::1]:50052",
	} {
		_, err := assay.NewClient(address, assay.WithPlaintext())
		if err == nil || !strings.HasSuffix(err.Error(), " is not an address and a port, as in "+example) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// A server on a Unix socket is asked in plain text.
func TestUnixSocket(t *testing.T) {
	folder, err := os.MkdirTemp("", "") // One of the test's own may have a name that is too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	client := connect(t, serveAt(t, "unix:"+filepath.Join(folder, "s"), &server{}).address)
	if verdict, err := client.Validate(soon(t), event(7)); err != nil || verdict.EventID() != "7" {
		t.Error(verdict, err)
	}
}

// With the right authority, and a certificate where the server wants one, calls are answered; else they are not.
func TestTLS(t *testing.T) {
	folder := t.TempDir()
	files := assay.TLSFiles{
		CA: filepath.Join(folder, "ca.pem"), Certificate: filepath.Join(folder, "c.pem"), Key: filepath.Join(folder, "k.pem"),
	}
	pair, authorities := certificate(t, files)
	secure := func(demand tls.ClientAuthType) grpc.ServerOption {
		return grpc.Creds(credentials.NewTLS(&tls.Config{
			Certificates: []tls.Certificate{pair}, ClientCAs: authorities, ClientAuth: demand,
		}))
	}
	plain := serve(t, &server{}, secure(tls.NoClientCert)).address
	mutual := serve(t, &server{}, secure(tls.RequireAndVerifyClientCert)).address
	authority := assay.TLSFiles{CA: files.CA}
	for name, test := range map[string]struct {
		address string
		files   assay.TLSFiles
		works   bool
	}{
		"TLS":                          {plain, authority, true},
		"several servers":              {"ipv4:" + plain + "," + plain, authority, true},
		"mTLS":                         {mutual, files, true},
		"mTLS without a certificate":   {mutual, authority, false},
		"the system's authorities":     {plain, assay.TLSFiles{}, false},
		"another name":                 {plain, assay.TLSFiles{CA: files.CA, ServerName: "example.org"}, false},
		"the name in the certificate":  {plain, assay.TLSFiles{CA: files.CA, ServerName: "assay.test"}, true},
		"the same, of several servers": {"ipv4:" + plain + "," + plain, assay.TLSFiles{CA: files.CA, ServerName: "assay.test"}, true},
	} {
		config, err := assay.LoadTLS(test.files)
		if err != nil {
			t.Fatal(err)
		}
		client := connect(t, test.address, assay.WithTLS(config), assay.WithTimeout(0))
		if _, err := client.Validate(t.Context(), event(0)); (err == nil) != test.works ||
			err != nil && !errors.Is(err, assay.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Files that are not there, hold something else, or lack their other half, are errors that say so.
func TestTLSFilesThatCannotBeRead(t *testing.T) {
	folder := t.TempDir()
	empty := filepath.Join(folder, "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for expected, files := range map[string]assay.TLSFiles{
		"authorities to trust cannot be read": {CA: filepath.Join(folder, "none.pem")},
		"holds no certificate in PEM":         {CA: empty},
		"go together":                         {Certificate: empty},
		"certificate cannot be read":          {Certificate: empty, Key: empty},
	} {
		if _, err := assay.LoadTLS(files); err == nil || !strings.Contains(err.Error(), expected) {
			t.Errorf("%v, and not %s", err, expected)
		}
	}
}

// certificate writes a certificate that is its own authority, for servers here and for clients.
func certificate(t *testing.T, files assay.TLSFiles) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"assay.test"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	written, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: written})
	for name, block := range map[string][]byte{
		files.CA: chain, files.Certificate: chain, files.Key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	} {
		if err := os.WriteFile(name, block, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pair, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
	if err != nil {
		t.Fatal(err)
	}
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(chain)
	return pair, authorities
}
