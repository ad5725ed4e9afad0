/** A server of the wire contract that does what a test says. */

import { create, type DescMethod, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { Client, type ClientOptions } from "assay-client";
import {
  CatalogService,
  type ListEventTypesRequest,
  type ListEventTypesResponseSchema,
} from "#lib/gen/assay/v1/catalog_service_pb.js";
import {
  type ValidateBatchRequest,
  type ValidateBatchResponseSchema,
  type ValidateRequest,
  type ValidateResponseSchema,
  type ValidateStreamRequest,
  type ValidateStreamResponseSchema,
  ValidationService,
} from "#lib/gen/assay/v1/validation_service_pb.js";

type Unary<Request, Response> = (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>) => void;
export type StreamCall = ServerDuplexStream<ValidateStreamRequest, MessageInitShape<typeof ValidateStreamResponseSchema>>;

/** What a test says for each method; what it leaves out is not there. */
export interface Handlers {
  validate?: Unary<ValidateRequest, MessageInitShape<typeof ValidateResponseSchema>>;
  validateBatch?: Unary<ValidateBatchRequest, MessageInitShape<typeof ValidateBatchResponseSchema>>;
  validateStream?: (call: StreamCall) => void;
  listEventTypes?: Unary<ListEventTypesRequest, MessageInitShape<typeof ListEventTypesResponseSchema>>;
}

/** A server that listens on a port of its own. */
export interface Running extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
}

/** Starts a server; `port` 0 is a free one. */
export async function serve(handlers: Handlers, port = 0): Promise<Running> {
  const server = new Server();
  for (const { methods } of [ValidationService, CatalogService]) {
    const chosen = methods.filter(({ localName }) => localName in handlers);
    if (!chosen.length) continue;
    const definition = Object.fromEntries(chosen.map((method) => [method.localName, definitionOf(method)]));
    server.addService(definition as ServiceDefinition, handlers as unknown as UntypedServiceImplementation);
  }
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, number) =>
      error ? reject(error) : resolve(number),
    );
  });
  return {
    address: `127.0.0.1:${bound}`,
    port: bound,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

/** Runs `use` with a client of a server that does what `handlers` says. */
export async function withClient(
  handlers: Handlers,
  use: (client: Client) => Promise<void>,
  options: ClientOptions = {},
): Promise<void> {
  await using server = await serve(handlers);
  using client = new Client(server.address, options);
  await use(client);
}

/** Answers each message of a stream with verdicts that carry the events' identifiers. */
export function answerAll(call: StreamCall): void {
  call.on("data", (request: ValidateStreamRequest) => call.write(answerTo(request)));
  call.on("end", () => call.end());
  call.on("error", () => {});
}

/** Returns what answers a message: all valid. */
export function answerTo({ sequence, events }: ValidateStreamRequest): MessageInitShape<typeof ValidateStreamResponseSchema> {
  return { sequence, verdicts: events.map(({ eventId }) => ({ eventId, valid: true })) };
}

function definitionOf(method: DescMethod): MethodDefinition<unknown, unknown> {
  const isStream = method.methodKind === "bidi_streaming";
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: isStream,
    responseStream: isStream,
    requestSerialize: () => Buffer.alloc(0),
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    responseSerialize: (response) =>
      Buffer.from(toBinary(method.output, create(method.output, response as Record<string, unknown>))),
    responseDeserialize: (bytes) => bytes,
  };
}
