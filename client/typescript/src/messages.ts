/** Requests as bytes: put together of events that are encoded already, so that each is encoded once, however often it is sent. */

import { create, type DescField, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** Returns a message, encoded. */
export function bytesOf<M extends DescMessage>(schema: M, fields: MessageInitShape<M>): Buffer {
  return asBuffer(toBinary(schema, create(schema, fields)));
}

/** Returns the encoding of a message of which `start` is the beginning, and `events` are occurrences of `field`. */
export function encodeMessage(start: Uint8Array, events: readonly Uint8Array[], field: DescField): Buffer {
  const writer = new BinaryWriter().raw(start);
  for (const event of events) writer.tag(field.number, WireType.LengthDelimited).bytes(event);
  return asBuffer(writer.finish());
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
