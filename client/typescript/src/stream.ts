/**
 * validateStream: the caller's own loop reads answers; beside it, one function reads the input into the book, and whatever
 * puts a message in line sends it.
 */

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Book } from "./book.js";
import type { Connection } from "./connection.js";
import { CallError } from "./errors.js";
import type { AssayEvent } from "./events.js";
import type * as wire from "./gen/assay/v1/verdict_pb.js";
import { type EventSource, Input } from "./input.js";
import { onAbort } from "./signals.js";
import type { StreamCall } from "./stream-call.js";
import { Verdict } from "./verdict.js";

/** What a call gives next: verdicts, or its end and what it failed with, if it did. */
type Answer =
  | { readonly verdicts: readonly wire.Verdict[] }
  | { readonly verdicts?: never; readonly failure: CallError | undefined };

/** One call of `Client.validateStream`. */
export class StreamRun {
  readonly #connection: Connection;
  readonly #book: Book;
  readonly #signal: AbortSignal | undefined;
  #call: StreamCall | undefined;
  #isFull = false;
  #hasSentAll = false;
  #timer: NodeJS.Timeout | undefined;
  #stopped: { readonly reason: unknown } | undefined;
  #wakeCaller = () => {};
  #wakeReader = () => {};

  constructor(connection: Connection, book: Book, signal: AbortSignal | undefined) {
    this.#connection = connection;
    this.#book = book;
    this.#signal = signal;
  }

  /** Ends the stream; whoever iterates it gets `reason`. */
  cancel(reason: unknown): void {
    this.#stopped ??= { reason };
    this.#call?.cancel();
    this.#wakeCaller();
    this.#wakeReader();
  }

  /** Yields a verdict for each of `events`, in their order. */
  async *verdicts(events: EventSource): AsyncGenerator<Verdict, void, undefined> {
    const signal = this.#signal;
    signal?.throwIfAborted();
    const input = new Input(events);
    this.#connection.track(this);
    const forget = onAbort(signal, () => this.cancel(signal?.reason));
    const reading = this.#read(input);
    try {
      while (await this.#hasMessage()) {
        const call = this.#open();
        let answer = await this.#answer(call);
        for (; answer.verdicts; answer = await this.#answer(call)) {
          for (const verdict of answer.verdicts) {
            yield new Verdict(verdict);
            this.#throwIfStopped();
          }
          this.#book.release(answer.verdicts.length);
          this.#wakeReader();
        }
        this.#throwIfStopped();
        this.#call = undefined;
        await this.#rest(this.#book.callEnded(answer.failure));
      }
      this.#book.throwInputError();
    } finally {
      forget();
      this.#connection.untrack(this);
      this.cancel(undefined);
      clearTimeout(this.#timer);
      // An input that lets one wait cannot be made to stop waiting: then it is told, and left to itself.
      if (input.isPulling) void input.close();
      else await reading;
    }
  }

  #open(): StreamCall {
    this.#book.beginCall();
    this.#isFull = this.#hasSentAll = false;
    this.#call = this.#connection.stream(() => {
      this.#isFull = false;
      this.#send();
    });
    this.#send();
    return this.#call;
  }

  async #answer(call: StreamCall): Promise<Answer> {
    try {
      const response = await call.next();
      return response ? { verdicts: this.#book.answer(response) } : { failure: undefined };
    } catch (error) {
      if (error instanceof CallError) return { failure: error };
      throw error;
    }
  }

  /** Waits until there is a message to send, or none will come. */
  async #hasMessage(): Promise<boolean> {
    for (;;) {
      this.#throwIfStopped();
      if (this.#book.hasUnsent || this.#book.inputEnded) return this.#book.hasUnsent;
      await new Promise<void>((resolve) => {
        this.#wakeCaller = resolve;
      });
    }
  }

  /** Waits for so many milliseconds. */
  async #rest(delay: number): Promise<void> {
    if (!delay) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, delay);
      this.#wakeCaller = () => this.#stopped && resolve();
    });
    clearTimeout(timer);
  }

  #throwIfStopped(): void {
    if (this.#stopped) throw this.#stopped.reason;
  }

  /** Hands the call what is in line for it, as far as it has room. */
  #send(): void {
    const call = this.#call;
    if (!call || this.#hasSentAll) return;
    while (!this.#isFull) {
      const message = this.#book.nextMessage();
      if (!message) break;
      this.#isFull = !call.write(message);
    }
    if (this.#book.inputEnded && !this.#book.hasUnsent) {
      this.#hasSentAll = true;
      call.end();
    }
  }

  /** Reads the input into the book; never rejects. */
  async #read(input: Input): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    try {
      for (;;) {
        const next = input.next();
        const { done, value } = next instanceof Promise ? await next : next;
        if (done || this.#stopped) break;
        if (this.#take(value)) await this.#pause();
        if (this.#stopped) break;
      }
    } catch (error) {
      failure = { error };
    }
    // An input that has ended or failed does not mind.
    if (this.#stopped || failure) await input.close();
    this.#book.endInput(failure);
    this.#announce();
  }

  /** Puts an event into the book. Returns whether a message came of it, or there is no room for another event. */
  #take(event: AssayEvent): boolean {
    const book = this.#book;
    const hasMessage = book.add(event, performance.now());
    if (hasMessage) this.#announce();
    if (book.due !== undefined) this.#timer ??= setTimeout(() => this.#onDue(), book.due - performance.now());
    return hasMessage || !book.hasRoom;
  }

  #onDue(): void {
    this.#timer = undefined;
    const { due } = this.#book;
    // The message that the timer was set for may have filled up and gone, and another been begun.
    if (due === undefined || this.#stopped) return;
    const left = due - performance.now();
    if (left > 0) {
      this.#timer = setTimeout(() => this.#onDue(), left);
    } else {
      this.#book.flush();
      this.#announce();
    }
  }

  #announce(): void {
    this.#send();
    this.#wakeCaller();
  }

  /** Lets others have their turn, and waits until there is room for an event. */
  async #pause(): Promise<void> {
    await nextTurn();
    while (!this.#stopped && !this.#book.hasRoom) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }
}
