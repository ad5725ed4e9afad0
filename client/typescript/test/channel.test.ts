import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, type ClientOptions } from "assay-client";

describe("new Client", () => {
  const refused: [string, string, ClientOptions, RegExp][] = [
    ["plain text to another machine", "example.com:1", {}, /pass tls: {} .* or plaintext: true/],
    ["plain text to one of several", "ipv4:127.0.0.1:1,10.0.0.1:1", {}, /not on this machine/],
    ["both kinds", "localhost:1", { tls: {}, plaintext: true }, /exclude each other/],
    ["half of a certificate", "localhost:1", { tls: { key: "k.pem" } }, /go together/],
    [
      "a token with a line break",
      "localhost:1",
      { token: "secret\n" },
      /^TypeError: the token is none that a header can hold$/,
    ],
    ["a file that is not there", "localhost:1", { tls: { ca: "/nowhere/ca.pem" } }, /ENOENT/],
    ["no number for a time", "localhost:1", { timeoutMs: Number.NaN }, /timeoutMs is NaN/],
  ];
  for (const [name, address, options, problem] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => new Client(address, options), problem);
    });
  }

  it("takes addresses on this machine, and others if told how", () => {
    const local = ["localhost:1", "127.1.2.3:1", "[::1]:1", "unix:/run/assay.sock", "dns:///localhost:1", "ipv6:[::1]:1"];
    for (const address of local) new Client(address).close();
    new Client("example.com:1", { plaintext: true }).close();
    new Client("example.com:1", { tls: true }).close();
  });
});
