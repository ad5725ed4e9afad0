/** How to reach a server: address, TLS, credentials, and what the channel does by itself. */

import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { type ChannelCredentials, type ChannelOptions, credentials } from "@grpc/grpc-js";
import { CatalogService } from "./gen/assay/v1/catalog_service_pb.js";
import { ValidationService } from "./gen/assay/v1/validation_service_pb.js";
import { VERSION } from "./version.js";

/** PEM as bytes or text, or the path of a file that holds it. */
export type Pem = Uint8Array | string;

/** Transport security: `{}` trusts the authorities that Node trusts and shows no certificate of its own. */
export interface TlsOptions {
  /** The authorities to trust instead of Node's. */
  readonly ca?: Pem | undefined;
  /** The client's own certificate, for mTLS, and those between it and an authority that the server trusts. */
  readonly certificate?: Pem | undefined;
  /** The key to that certificate. */
  readonly key?: Pem | undefined;
  /** The name that the server's certificate has to be for, where it is not the one in the address. */
  readonly serverName?: string | undefined;
}

const UNARY = [...ValidationService.methods, ...CatalogService.methods].filter(({ methodKind }) => methodKind === "unary");

const SERVICE_CONFIG = {
  // One connection to every server behind the name, in turn.
  loadBalancingConfig: [{ round_robin: {} }],
  methodConfig: [
    {
      // Streams are carried on by the client itself, from the first event without an answer.
      name: UNARY.map(({ parent, name }) => ({ service: parent.typeName, method: name })),
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: "0.1s",
        maxBackoff: "2s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE"],
      },
    },
  ],
  // A server that fails half of what it gets is not sent everything four times.
  retryThrottling: { maxTokens: 100, tokenRatio: 0.5 },
};

const OPTIONS: ChannelOptions = {
  "grpc.service_config": JSON.stringify(SERVICE_CONFIG),
  // Otherwise every name is asked for a service config in a TXT record too.
  "grpc.service_config_disable_resolution": 1,
  // The largest response taken. Servers keep to a limit of their own, 4 MiB unless set otherwise.
  "grpc.max_receive_message_length": 64 << 20,
  // Servers take pings no oftener than every five minutes, and close the connection otherwise.
  "grpc.keepalive_time_ms": 330_000,
  "grpc.keepalive_timeout_ms": 20_000,
  // A client's connections are its own: it neither waits out another's failures nor keeps what another has closed.
  "grpc.use_local_subchannel_pool": 1,
  // A server that restarts is found again soon.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 5_000,
  "grpc.primary_user_agent": `assay-typescript/${VERSION}`,
};

/** All that a channel is made of. */
export interface ChannelSettings {
  readonly address: string;
  readonly credentials: ChannelCredentials;
  readonly options: ChannelOptions;
}

/**
 * Returns the settings, with every default filled in.
 *
 * @throws TypeError If the connection would be plain text, to another machine, without `plaintext` saying so; or if both `tls`
 *   and `plaintext` are given; or half of a certificate and its key.
 * @throws Error If a file of `tls` cannot be read.
 */
export function channelSettings(
  address: string,
  tls: TlsOptions | boolean | undefined,
  plaintext: boolean,
  channelOptions: ChannelOptions,
): ChannelSettings {
  if (tls && plaintext) throw new TypeError("tls and plaintext exclude each other: give one of them");
  if (!tls && !plaintext && !isLocal(address)) {
    throw new TypeError(
      `${address} is not on this machine: pass tls: {} (or with ca: ...) to encrypt, ` +
        "or plaintext: true to send events and tokens unprotected",
    );
  }
  const options = { ...OPTIONS, ...channelOptions };
  if (!tls) return { address, credentials: credentials.createInsecure(), options };
  const { ca, certificate, key, serverName } = tls === true ? {} : tls;
  if ((certificate === undefined) !== (key === undefined)) {
    throw new TypeError("tls.certificate and tls.key go together: give both, or neither");
  }
  if (serverName !== undefined) options["grpc.ssl_target_name_override"] = serverName;
  return { address, credentials: credentials.createSsl(pem(ca), pem(key), pem(certificate)), options };
}

/** Returns whether a gRPC target stays on this machine: a Unix socket, or loopback addresses only. */
export function isLocal(address: string): boolean {
  const [, scheme, rest] = /^(unix|unix-abstract|ipv4|ipv6|dns):(.*)$/s.exec(address) ?? [];
  if (rest === undefined) return isLoopback(address);
  if (scheme === "unix" || scheme === "unix-abstract") return true;
  // An authority, such as a name server, may stand before the name.
  const endpoints = rest.startsWith("//") ? rest.slice(2).replace(/^[^/]*\//, "") : rest;
  return endpoints.split(",").every(isLoopback);
}

/** Returns whether "host", "host:port", "[v6]", "[v6]:port" or a bare IPv6 address is loopback. */
function isLoopback(endpoint: string): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\].*|([^:]*):[^:]*)$/s.exec(endpoint) ?? [];
  const host = bracketed ?? plain ?? endpoint;
  switch (isIP(host)) {
    case 4:
      return host.startsWith("127.");
    case 6:
      return /^(0*:)*:?0*1$/.test(host);
    default:
      return host.toLowerCase() === "localhost";
  }
}

function pem(source: Pem | undefined): Buffer | null {
  if (source === undefined) return null;
  if (typeof source !== "string") return Buffer.from(source);
  return source.includes("-----BEGIN") ? Buffer.from(source) : readFileSync(source);
}
