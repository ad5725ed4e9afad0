/** One channel, the calls that are under way on it, and how a call is made and fails. */

import { type DescMessage, type DescMethodUnary, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { Client as GrpcClient, Metadata } from "@grpc/grpc-js";
import type { ChannelSettings } from "./channel.js";
import { DeadlineExceededError } from "./errors.js";
import { ValidationService } from "./gen/assay/v1/validation_service_pb.js";
import { onAbort } from "./signals.js";
import { callError, closedError, type Status } from "./status.js";
import { StreamCall } from "./stream-call.js";

/** Something that goes on until it is cancelled, with the error that whoever waits for it shall get. */
export interface Cancellable {
  cancel(reason: unknown): void;
}

/** When a call has to have its answer, in milliseconds since 1970, Infinity for whenever; and what ends it before. */
export interface CallLimits {
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

/** A channel with its calls. */
export class Connection {
  readonly #address: string;
  readonly #grpc: GrpcClient;
  readonly #waiting = new Metadata({ waitForReady: true });
  readonly #failing = new Metadata();
  readonly #underWay = new Set<Cancellable>();
  #closed = false;

  constructor(settings: ChannelSettings, metadata: Iterable<readonly [string, string | Buffer]>) {
    this.#address = settings.address;
    this.#grpc = new GrpcClient(settings.address, settings.credentials, settings.options);
    for (const [key, value] of metadata) {
      this.#waiting.set(key, value);
      this.#failing.set(key, value);
    }
  }

  /**
   * Makes a call, and returns its response.
   *
   * @throws CallError If there is no response.
   * @throws unknown The signal's reason, if that ends the call.
   */
  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: Buffer,
    limits: CallLimits,
  ): Promise<MessageShape<O>> {
    const { signal } = limits;
    signal?.throwIfAborted();
    if (this.#closed) throw closedError();
    let stopped: { readonly reason: unknown } | undefined;
    let cancel = () => {};
    const underWay: Cancellable = {
      cancel(reason) {
        stopped ??= { reason };
        cancel();
      },
    };
    this.#underWay.add(underWay);
    const forget = onAbort(signal, () => underWay.cancel(signal?.reason));
    try {
      return await new Promise<MessageShape<O>>((resolve, reject) => {
        cancel = this.#start(method, request, limits.deadline, (status, response) =>
          response ? resolve(response) : reject(status),
        );
      });
    } catch (status) {
      throw stopped ? stopped.reason : this.#error(status as Status);
    } finally {
      this.#underWay.delete(underWay);
      forget();
    }
  }

  /** Opens a call of ValidateStream, which fails at once if no server is there. */
  stream(onDrain: () => void): StreamCall {
    if (this.#closed) throw closedError();
    return new StreamCall(this.#grpc, pathOf(ValidationService.method.validateStream), this.#failing, onDrain);
  }

  /** Has `underWay` cancelled when the connection is closed before it is untracked. */
  track(underWay: Cancellable): void {
    if (this.#closed) throw closedError();
    this.#underWay.add(underWay);
  }

  /** Takes back `track`. */
  untrack(underWay: Cancellable): void {
    this.#underWay.delete(underWay);
  }

  /** Closes the channel. Whatever is under way ends with an error. */
  close(): void {
    this.#closed = true;
    for (const underWay of this.#underWay) underWay.cancel(closedError());
    this.#underWay.clear();
    this.#grpc.close();
  }

  /** Starts a call, and returns what cancels it. */
  #start<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: Buffer,
    deadline: number,
    done: (status: Status | null, response?: MessageShape<O>) => void,
  ): () => void {
    const isBounded = Number.isFinite(deadline);
    const call = this.#grpc.makeUnaryRequest(
      pathOf(method),
      (bytes: Buffer) => bytes,
      (bytes) => fromBinary(method.output, bytes),
      request,
      // Without a deadline, to wait for a server that is not there would be to wait for ever.
      isBounded ? this.#waiting : this.#failing,
      isBounded ? { deadline } : {},
      done,
    );
    return () => call.cancel();
  }

  #error(status: Status): Error {
    const error = callError(status);
    if (error.code !== "DEADLINE_EXCEEDED" || error.reason) return error;
    const details = `${this.#address} did not answer in time, or is not there`;
    return new DeadlineExceededError({ code: error.code, details });
  }
}

function pathOf({ parent, name }: { readonly parent: { readonly typeName: string }; readonly name: string }): string {
  return `/${parent.typeName}/${name}`;
}
