/** One call of ValidateStream: messages out with back-pressure, responses in, in the order of the caller's asking. */

import { fromBinary } from "@bufbuild/protobuf";
import { type ClientDuplexStream, type Client as GrpcClient, type Metadata, status } from "@grpc/grpc-js";
import { type ValidateStreamResponse, ValidateStreamResponseSchema } from "./gen/assay/v1/validation_service_pb.js";
import { callError, type Status } from "./status.js";

/** How many bytes of responses are kept for a caller that takes its time; the server is held back beyond that. */
const MAX_QUEUED_BYTES = 8 << 20;

interface Received {
  readonly response: ValidateStreamResponse;
  readonly bytes: number;
}

/** A call, from its beginning to its status. */
export class StreamCall {
  readonly #call: ClientDuplexStream<Buffer, Received>;
  readonly #queue: Received[] = [];
  #queuedBytes = 0;
  #status: Status | undefined;
  #dataEnded = false;
  #wake = () => {};

  constructor(grpc: GrpcClient, path: string, metadata: Metadata, onDrain: () => void) {
    this.#call = grpc.makeBidiStreamRequest(
      path,
      (bytes: Buffer) => bytes,
      (bytes) => ({ response: fromBinary(ValidateStreamResponseSchema, bytes), bytes: bytes.length }),
      metadata,
    );
    this.#call.on("drain", onDrain);
    // Responses are taken in as they come, up to a limit: an error status does not wait for those that are not.
    this.#call.on("data", (received: Received) => {
      this.#queue.push(received);
      this.#queuedBytes += received.bytes;
      if (this.#queuedBytes > MAX_QUEUED_BYTES) this.#call.pause();
      this.#wake();
    });
    this.#call.on("end", () => {
      this.#dataEnded = true;
      this.#wake();
    });
    this.#call.on("status", (ended: Status) => {
      this.#status = ended;
      this.#wake();
    });
    // What there is to know of it comes with the status.
    this.#call.on("error", () => {});
  }

  /** Sends a message; returns whether there is room for another, before which `onDrain` is called otherwise. */
  write(message: Buffer): boolean {
    return this.#call.write(message);
  }

  /** Says that no more messages come. */
  end(): void {
    this.#call.end();
  }

  /** Ends the call; harmless if it has ended. */
  cancel(): void {
    this.#call.cancel();
    // Lets go of what has come and is not asked for.
    this.#call.resume();
  }

  /**
   * Returns the next response; undefined if the server has ended the call with OK.
   *
   * @throws CallError If the call has ended otherwise.
   */
  async next(): Promise<ValidateStreamResponse | undefined> {
    for (;;) {
      const received = this.#queue.shift();
      if (received) {
        this.#queuedBytes -= received.bytes;
        if (this.#call.isPaused() && this.#queuedBytes <= MAX_QUEUED_BYTES) this.#call.resume();
        return received.response;
      }
      if (this.#status && this.#dataEnded) {
        if (this.#status.code === status.OK) return undefined;
        throw callError(this.#status);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
