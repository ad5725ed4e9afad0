import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Metadata, status } from "@grpc/grpc-js";
import {
  CallError,
  InternalError,
  MalformedRequestError,
  NotFoundError,
  OverloadedError,
  PermissionDeniedError,
  UnauthenticatedError,
} from "assay-client";
import { type Handlers, withClient } from "./server.js";

/** Returns google.rpc.Status with details, as it travels. */
function detailed(...details: [string, Uint8Array][]): Metadata {
  const writer = new BinaryWriter();
  for (const [name, value] of details) {
    const any = new BinaryWriter().tag(1, WireType.LengthDelimited).string(`type.googleapis.com/google.rpc.${name}`);
    writer.tag(3, WireType.LengthDelimited).bytes(any.tag(2, WireType.LengthDelimited).bytes(value).finish());
  }
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(writer.finish()));
  return metadata;
}

function texts(...fields: [number, string][]): Uint8Array {
  const writer = new BinaryWriter();
  for (const [number, text] of fields) writer.tag(number, WireType.LengthDelimited).string(text);
  return writer.finish();
}

function errorInfo(reason: string): [string, Uint8Array] {
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).string(reason);
  return [
    "ErrorInfo",
    writer
      .tag(3, WireType.LengthDelimited)
      .bytes(texts([1, "key"], [2, "value"]))
      .finish(),
  ];
}

function retryInfo(seconds: number, nanos: number): [string, Uint8Array] {
  const delay = new BinaryWriter().tag(1, WireType.Varint).int64(seconds).tag(2, WireType.Varint).int32(nanos).finish();
  return ["RetryInfo", new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(delay).finish()];
}

describe("A call that fails", () => {
  const failures: [string, typeof CallError, [string, Uint8Array][]][] = [
    ["INVALID_ARGUMENT", MalformedRequestError, [errorInfo("MALFORMED_REQUEST")]],
    ["NOT_FOUND", NotFoundError, [errorInfo("EVENT_TYPE_NOT_FOUND")]],
    ["UNAUTHENTICATED", UnauthenticatedError, []],
    ["PERMISSION_DENIED", PermissionDeniedError, []],
    ["RESOURCE_EXHAUSTED", OverloadedError, [errorInfo("OVERLOADED")]],
    ["RESOURCE_EXHAUSTED", OverloadedError, [retryInfo(1, 500_000_000)]],
    ["RESOURCE_EXHAUSTED", CallError, []],
    ["INTERNAL", InternalError, [errorInfo("INTERNAL")]],
    ["UNIMPLEMENTED", CallError, []],
  ];
  for (const [code, kind, details] of failures) {
    it(`fails with ${kind.name} for ${code}, at once`, async () => {
      let calls = 0;
      const handlers: Handlers = {
        validate(_, answer) {
          calls += 1;
          answer({ code: status[code as keyof typeof status], details: "why", metadata: detailed(...details) });
        },
      };
      await withClient(handlers, async (client) => {
        await assert.rejects(client.validate("t", {}), (error) => {
          assert.ok(error instanceof kind);
          assert.deepEqual([error.constructor, error.code, error.details], [kind, code, "why"]);
          if (error.reason) assert.deepEqual(error.metadata, { key: "value" });
          assert.equal(error.retryDelayMs, details[0]?.[0] === "RetryInfo" ? 1500 : undefined);
          return true;
        });
        assert.equal(calls, 1);
      });
    });
  }

  it("names what is wrong with which field", async () => {
    const violation = new BinaryWriter()
      .tag(1, WireType.LengthDelimited)
      .bytes(texts([1, "event.x"], [2, "is wrong"]))
      .finish();
    const metadata = detailed(["BadRequest", violation], ["Unheard", texts([1, "of"])]);
    const handlers: Handlers = { validate: (_, answer) => answer({ code: status.INVALID_ARGUMENT, details: "no", metadata }) };
    await withClient(handlers, async (client) => {
      const message = "INVALID_ARGUMENT: no\n  event.x: is wrong";
      await assert.rejects(client.validate("t", {}), { message, violations: [{ field: "event.x", description: "is wrong" }] });
    });
  });
});
