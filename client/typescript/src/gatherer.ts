/** Puts events together into messages. */

import { EncodingError } from "./errors.js";
import { type AssayEvent, encodeEvent } from "./events.js";

/**
 * Gathers events, in their order, into lists of at most so many events and about so many bytes.
 *
 * Only an event that is larger than `maxBytes` by itself makes a list that is.
 */
export class Gatherer {
  #events: Uint8Array[] = [];
  #bytes = 0;
  #position = 0;

  constructor(
    readonly maxEvents: number,
    readonly maxBytes: number,
  ) {}

  /** How many events are gathered. */
  get count(): number {
    return this.#events.length;
  }

  /**
   * Takes `event`, and returns what is full: nothing, or a list of encoded events.
   *
   * @throws EncodingError If the event cannot be written; it is left out, and its position is in the error.
   */
  add(event: AssayEvent): Uint8Array[] | undefined {
    const encoded = this.#encode(event);
    this.#position += 1;
    let full: Uint8Array[] | undefined;
    if (this.count && this.#bytes + encoded.length > this.maxBytes) full = this.flush();
    this.#events.push(encoded);
    this.#bytes += encoded.length;
    // What did not fit begins a list, which is full at once only where every list is of one event, and none was begun then.
    return full ?? (this.count >= this.maxEvents ? this.flush() : undefined);
  }

  /** Returns the list begun, full or not; undefined if it is empty. */
  flush(): Uint8Array[] | undefined {
    if (!this.count) return undefined;
    const events = this.#events;
    this.#events = [];
    this.#bytes = 0;
    return events;
  }

  #encode(event: AssayEvent): Uint8Array {
    try {
      return encodeEvent(event);
    } catch (error) {
      if (error instanceof EncodingError) throw new EncodingError(error.problem, this.#position);
      throw error;
    }
  }
}
