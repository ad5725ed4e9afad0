/** The client. */

import { create } from "@bufbuild/protobuf";
import type { ChannelOptions } from "@grpc/grpc-js";
import { Book } from "./book.js";
import { type Baseline, type BaselineQuery, baselineOf, baselineRequest, type EventType, eventTypeOf } from "./catalog.js";
import { channelSettings, type TlsOptions } from "./channel.js";
import { type CallLimits, Connection } from "./connection.js";
import { type EventAttributes, encodeEvent, type Payload } from "./events.js";
import { Gatherer } from "./gatherer.js";
import {
  CatalogService,
  EventTypeSchema,
  GetEventTypeRequestSchema,
  ListEventTypesRequestSchema,
} from "./gen/assay/v1/catalog_service_pb.js";
import {
  type ValidateOptions as OptionsMessage,
  ValidateBatchRequestSchema,
  ValidateRequestSchema,
  ValidationService,
} from "./gen/assay/v1/validation_service_pb.js";
import { VerdictSchema } from "./gen/assay/v1/verdict_pb.js";
import type { EventSource } from "./input.js";
import { bytesOf, encodeMessage } from "./messages.js";
import { type CallOptions, fullTuning, optionsMessage, type StreamTuning, type ValidateOptions } from "./options.js";
import { StreamRun } from "./stream.js";
import { Verdict } from "./verdict.js";

const DEFAULT_ADDRESS = "localhost:50051";
const DEFAULT_TIMEOUT_MS = 10_000;

/** A thousand events a message cost a server hardly more each than ten thousand would, and leave room for the details. */
const BATCH_EVENTS = 1_000;
const BATCH_BYTES = 1 << 20;

/** How a client reaches its server, and what goes with every call. */
export interface ClientOptions {
  /** How to encrypt, and whom to trust; true for `{}`. */
  readonly tls?: TlsOptions | boolean | undefined;
  /** Not to encrypt. Has to be said for any address that is not on this machine. */
  readonly plaintext?: boolean | undefined;
  /** Sent with every call as "authorization: Bearer <token>". */
  readonly token?: string | undefined;
  /**
   * How many milliseconds a call may take, streams excepted: 10,000 unless set otherwise; Infinity for as long as it takes.
   * While there is time left, a call waits for a server to be there.
   */
  readonly timeoutMs?: number | undefined;
  /** Sent with every call; a key that ends in "-bin" has bytes. */
  readonly metadata?: Readonly<Record<string, string | Uint8Array>> | undefined;
  /** Channel options of `@grpc/grpc-js`, in place of this client's own choice for them. */
  readonly channelOptions?: ChannelOptions | undefined;
}

/** What `validateStream` takes. For a time limit on all of it, there is `AbortSignal.timeout()`. */
export interface StreamOptions extends ValidateOptions {
  /** Ends the stream when it is aborted; the iteration then fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How to gather, and how long to try to carry on. */
  readonly tuning?: Partial<StreamTuning> | undefined;
}

/**
 * Asks an Assay server about events. It connects when it is first used; make one, share it, and close it when done.
 *
 * ```ts
 * const client = new Client("localhost:50051");
 * const verdict = await client.validate("user.registered", { name: "Ada", email: "ada@example.com", age: 36 });
 * ```
 *
 * What fails on purpose is an `AssayError`: an `EncodingError` for an event that cannot be sent, a `CallError` for a call without
 * an answer; or, where a signal was aborted, the signal's reason.
 */
export class Client {
  readonly #connection: Connection;
  readonly #timeoutMs: number;

  /**
   * @param address Where the server is, as a gRPC target: "host:port"; "dns:///host:port", which spreads calls over all addresses
   *   of the name; "ipv4:10.0.0.1:50051,10.0.0.2:50051"; "unix:/run/assay.sock".
   * @throws TypeError If neither `tls` nor `plaintext` is given for an address that is not on this machine; or both.
   * @throws Error If a file that `tls` names cannot be read.
   */
  constructor(address: string = DEFAULT_ADDRESS, options: ClientOptions = {}) {
    const { tls, plaintext = false, token, timeoutMs = DEFAULT_TIMEOUT_MS, metadata = {}, channelOptions = {} } = options;
    this.#timeoutMs = checkedTimeout(timeoutMs);
    // The error of @grpc/grpc-js would quote it.
    if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) throw new TypeError("the token is none that a header can hold");
    const pairs = Object.entries(metadata).map(
      ([key, value]) => [key, typeof value === "string" ? value : Buffer.from(value)] as const,
    );
    this.#connection = new Connection(
      channelSettings(address, tls, plaintext, channelOptions),
      token === undefined ? pairs : [...pairs, ["authorization", `Bearer ${token}`]],
    );
  }

  /**
   * Checks one event. That an event is not valid is an answer, not an error.
   *
   * @throws EncodingError If the event cannot be sent.
   * @throws CallError If there is no answer.
   */
  async validate(
    eventType: string,
    payload: Payload,
    options: EventAttributes & ValidateOptions & CallOptions = {},
  ): Promise<Verdict> {
    const { timestamp, eventId, contractVersion } = options;
    const event = encodeEvent({ eventType, payload, timestamp, eventId, contractVersion });
    const start = bytesOf(ValidateRequestSchema, optionsField(options));
    const request = encodeMessage(start, [event], ValidateRequestSchema.field.event);
    const { verdict } = await this.#connection.unary(ValidationService.method.validate, request, this.#limits(options));
    return new Verdict(verdict ?? create(VerdictSchema));
  }

  /**
   * Checks several events: the n-th verdict answers the n-th event.
   *
   * More than a thousand events, or a mebibyte, go as several calls one after the other. No event is sent before all are read
   * and converted; for more than fit in memory, or than can be answered in `timeoutMs`, there is `validateStream`.
   *
   * @throws EncodingError If an event cannot be sent; its position is in the error.
   * @throws CallError If there is no answer.
   */
  async validateBatch(events: EventSource, options: ValidateOptions & CallOptions = {}): Promise<Verdict[]> {
    const requests = await batchRequests(events, options);
    const limits = this.#limits(options);
    const verdicts: Verdict[] = [];
    for (const request of requests) {
      const response = await this.#connection.unary(ValidationService.method.validateBatch, request, limits);
      for (const verdict of response.verdicts) verdicts.push(new Verdict(verdict));
    }
    return verdicts;
  }

  /**
   * Checks events as they come: yields one verdict for each, in their order, for as long as there are events.
   *
   * Events are gathered into messages, each sent when it is full or when its first event has waited for `tuning.maxDelayMs`. When
   * the server drains or dies, the stream is carried on with another one, or with the same one once it is back, from the first
   * event without an answer. (Such an event may have been judged twice, and where a contract learns from live events, learned from
   * twice; it is answered once.)
   *
   * The input is read at most `tuning.lookAhead` events ahead of the verdicts taken. If reading it fails, or an event cannot be
   * sent, the verdicts of all events before come first, then the error. Leaving the loop early ends the stream, and the input.
   *
   * Nothing happens before the first verdict is asked for.
   *
   * @throws EncodingError If an event cannot be sent; its position is in the error.
   * @throws CallError If the stream cannot be carried on.
   * @throws RangeError At once, if a figure of `tuning` makes no sense.
   */
  validateStream(events: EventSource, options: StreamOptions = {}): AsyncGenerator<Verdict, void, undefined> {
    const book = new Book(fullTuning(options.tuning ?? {}), optionsMessage(options));
    return new StreamRun(this.#connection, book, options.signal).verdicts(events);
  }

  /**
   * Yields the contracts in service, one for each version, by event type, newest first, without their details.
   *
   * @param options `timeoutMs` is for each page of the list.
   * @throws CallError If there is no answer.
   */
  async *listEventTypes(options: CallOptions = {}): AsyncGenerator<EventType, void, undefined> {
    let pageToken = "";
    do {
      const request = bytesOf(ListEventTypesRequestSchema, { pageToken });
      const page = await this.#connection.unary(CatalogService.method.listEventTypes, request, this.#limits(options));
      yield* page.eventTypes.map(eventTypeOf);
      pageToken = page.nextPageToken;
    } while (pageToken);
  }

  /**
   * Describes one event type: its schema, its checks, examples.
   *
   * @throws NotFoundError If the server has no contract for it.
   * @throws CallError If there is no answer.
   */
  async getEventType(
    eventType: string,
    options: Pick<EventAttributes, "contractVersion"> & CallOptions = {},
  ): Promise<EventType> {
    const request = bytesOf(GetEventTypeRequestSchema, { eventType, contractVersion: options.contractVersion ?? "" });
    const response = await this.#connection.unary(CatalogService.method.getEventType, request, this.#limits(options));
    return eventTypeOf(response.eventType ?? create(EventTypeSchema));
  }

  /**
   * Tells what history has taught about one field.
   *
   * @param check The check whose baseline is meant, for example "statistics.three_sigma".
   * @throws NotFoundError If the event type or the check is unknown.
   * @throws CallError If there is no answer.
   */
  async getBaseline(eventType: string, check: string, options: BaselineQuery & CallOptions = {}): Promise<Baseline> {
    const request = baselineRequest(eventType, check, options);
    return baselineOf(await this.#connection.unary(CatalogService.method.getBaseline, request, this.#limits(options)));
  }

  /** Closes the connections. Calls that are under way end with an error. */
  close(): void {
    this.#connection.close();
  }

  /** Closes the client at the end of the block that it was made in with `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #limits({ timeoutMs = this.#timeoutMs, signal }: CallOptions): CallLimits {
    return { deadline: Date.now() + checkedTimeout(timeoutMs), signal };
  }
}

function checkedTimeout(timeoutMs: number): number {
  if (typeof timeoutMs === "number" && !Number.isNaN(timeoutMs)) return timeoutMs;
  throw new RangeError(`timeoutMs is ${timeoutMs}: it must be a number of milliseconds, or Infinity`);
}

function optionsField(options: ValidateOptions): { options?: OptionsMessage } {
  const message = optionsMessage(options);
  return message ? { options: message } : {};
}

/** Returns the requests that ask for verdicts on `events`, in their order. */
async function batchRequests(events: EventSource, options: ValidateOptions & CallOptions): Promise<Buffer[]> {
  const start = bytesOf(ValidateBatchRequestSchema, optionsField(options));
  const gatherer = new Gatherer(BATCH_EVENTS, BATCH_BYTES);
  const requests: Buffer[] = [];
  const put = (full: Uint8Array[] | undefined) => {
    if (full) requests.push(encodeMessage(start, full, ValidateBatchRequestSchema.field.events));
  };
  for await (const event of events) {
    options.signal?.throwIfAborted();
    put(gatherer.add(event));
  }
  put(gatherer.flush());
  return requests;
}
