import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { type Client, Metadata, status } from "@grpc/grpc-js";
import { UnavailableError } from "assay-client";
import { ValidateStreamResponseSchema } from "#lib/gen/assay/v1/validation_service_pb.js";
import { StreamCall } from "#lib/stream-call.js";

/** A call of @grpc/grpc-js, of which a test says what comes when. */
class Scripted extends Duplex {
  #deserialize: ((bytes: Buffer) => unknown) | undefined;
  readonly call: StreamCall;

  constructor() {
    super({ objectMode: true, read() {}, write: (_chunk, _encoding, done) => done() });
    const makeBidiStreamRequest = (_path: string, _serialize: unknown, deserialize: (bytes: Buffer) => unknown) => {
      this.#deserialize = deserialize;
      return this;
    };
    this.call = new StreamCall({ makeBidiStreamRequest } as unknown as Client, "/", new Metadata(), () => {});
  }

  /** Lets a response of about so many bytes come. */
  respond(sequence: number, bytes = 0): void {
    const response = create(ValidateStreamResponseSchema, {
      sequence: BigInt(sequence),
      verdicts: [{ contractVersion: "x".repeat(bytes) }],
    });
    this.push(this.#deserialize?.(Buffer.from(toBinary(ValidateStreamResponseSchema, response))));
  }

  /** Lets the call end, as @grpc/grpc-js does. */
  finish(code: status): void {
    this.push(null);
    if (code !== status.OK) this.emit("error", new Error("as the status says"));
    this.emit("status", { code, details: "why", metadata: new Metadata() });
  }

  async sequences(count: number): Promise<(number | undefined)[]> {
    const found: (number | undefined)[] = [];
    for (let taken = 0; taken < count; taken += 1) {
      const response = await this.call.next();
      found.push(response && Number(response.sequence));
    }
    return found;
  }
}

const turn = () => new Promise(setImmediate);

describe("StreamCall", () => {
  it("gives what came before the end, though its status came first", async () => {
    for (const code of [status.OK, status.UNAVAILABLE]) {
      const scripted = new Scripted();
      for (const sequence of [1, 2, 3]) scripted.respond(sequence, 5 << 20);
      await turn();
      scripted.finish(code);
      assert.deepEqual(await scripted.sequences(3), [1, 2, 3]);
      if (code === status.OK) assert.equal(await scripted.call.next(), undefined);
      else await assert.rejects(scripted.call.next(), UnavailableError);
    }
  });

  it("takes in no more than it may hold, and goes on once that is taken", async () => {
    const scripted = new Scripted();
    for (let sequence = 1; sequence <= 10; sequence += 1) {
      scripted.respond(sequence, 3 << 20);
      await turn();
    }
    assert.equal(scripted.isPaused(), true);
    assert.equal(scripted.readableLength, 7);
    assert.deepEqual(await scripted.sequences(10), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.equal(scripted.isPaused(), false);
  });

  it("waits for what has not come", async () => {
    const scripted = new Scripted();
    const asked = scripted.sequences(1);
    await turn();
    scripted.respond(1);
    assert.deepEqual(await asked, [1]);
  });
});
