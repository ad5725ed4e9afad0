/** What events are read from: anything that can be iterated, at once or in its own time. */

import type { AssayEvent } from "./events.js";

/** Events to be checked, as they come. */
export type EventSource = Iterable<AssayEvent> | AsyncIterable<AssayEvent>;

/** Reads a source, one event after the other. */
export class Input {
  readonly #iterator: Iterator<AssayEvent> | AsyncIterator<AssayEvent>;
  readonly #isAsync: boolean;
  #isPulling = false;
  #isClosed = false;

  /** @throws TypeError If `events` cannot be iterated. */
  constructor(events: EventSource) {
    this.#isAsync = Symbol.asyncIterator in events;
    this.#iterator = Symbol.asyncIterator in events ? events[Symbol.asyncIterator]() : events[Symbol.iterator]();
  }

  /** Whether the source has been asked for an event and has not answered yet. */
  get isPulling(): boolean {
    return this.#isPulling;
  }

  /** Returns the next event, or the end; a promise of it only where the source makes one wait. */
  next(): IteratorResult<AssayEvent> | Promise<IteratorResult<AssayEvent>> {
    return this.#isAsync ? this.#pull() : (this.#iterator as Iterator<AssayEvent>).next();
  }

  /** Tells the source that no more is wanted, as leaving a loop over it would; what it fails with then is nobody's concern. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.#iterator.return?.();
    } catch {
      // The caller has left, or gets an error that came first.
    }
  }

  async #pull(): Promise<IteratorResult<AssayEvent>> {
    this.#isPulling = true;
    try {
      return await this.#iterator.next();
    } finally {
      this.#isPulling = false;
    }
  }
}
