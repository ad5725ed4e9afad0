"""The Assay server: contracts, checks, the engine that judges events by them, and the gRPC service around it."""
