package assay

import (
	"fmt"
	"net/netip"
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

// checkAddressList returns an error if a target is meant to be a list of addresses, and is none.
func checkAddressList(target string) error {
	scheme, rest, _ := strings.Cut(target, ":")
	example := map[string]string{"ipv4": "ipv4:10.0.0.1:50051,10.0.0.2:50051", "ipv6": "ipv6:[::1]:50051,[::1]:50052"}[scheme]
	if example == "" {
		return nil
	}
	for _, address := range strings.Split(rest, ",") {
		if _, err := netip.ParseAddrPort(address); err != nil {
			return fmt.Errorf("assay: %q is not an address and a port, as in %s", address, example)
		}
	}
	return nil
}

// settled is a resolver that has nothing more to do.
type settled struct{}

// ResolveNow does nothing: the addresses do not change.
func (settled) ResolveNow(resolver.ResolveNowOptions) {}

// Close does nothing.
func (settled) Close() {}
