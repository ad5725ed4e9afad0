package assay

import (
	"fmt"
	"net"
	"strings"

	"google.golang.org/grpc/resolver"
)

// An addressList resolves "ipv4:10.0.0.1:50051,10.0.0.2:50051" and the like, which gRPC has in other languages.
type addressList string

// Scheme returns the scheme that this list is for, "ipv4" or "ipv6".
func (l addressList) Scheme() string { return string(l) }

// Build hands the addresses over, once and for all.
func (l addressList) Build(target resolver.Target, conn resolver.ClientConn, _ resolver.BuildOptions) (resolver.Resolver, error) {
	var state resolver.State
	for _, address := range strings.Split(target.Endpoint(), ",") {
		host, _, err := net.SplitHostPort(address)
		if err != nil || net.ParseIP(host) == nil {
			return nil, fmt.Errorf("%q is not an address and a port, as in %s", address, l.example())
		}
		state.Endpoints = append(state.Endpoints, resolver.Endpoint{Addresses: []resolver.Address{{Addr: address}}})
	}
	if err := conn.UpdateState(state); err != nil {
		return nil, err
	}
	return settled{}, nil
}

// OverrideAuthority returns the first address, as no one name stands for all of them.
func (l addressList) OverrideAuthority(target resolver.Target) string {
	first, _, _ := strings.Cut(target.Endpoint(), ",")
	return first
}

func (l addressList) example() string {
	if l == "ipv6" {
		return "ipv6:[::1]:50051,[::1]:50052"
	}
	return "ipv4:10.0.0.1:50051,10.0.0.2:50051"
}

// settled is a resolver that has nothing more to do.
type settled struct{}

// ResolveNow does nothing: the addresses do not change.
func (settled) ResolveNow(resolver.ResolveNowOptions) {}

// Close does nothing.
func (settled) Close() {}
