import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, fromBinary } from "@bufbuild/protobuf";
import {
  CallError,
  DEFAULT_TUNING,
  EncodingError,
  InternalError,
  OverloadedError,
  type StreamTuning,
  UnavailableError,
} from "assay-client";
import { Book } from "#lib/book.js";
import { ValidateStreamRequestSchema, ValidateStreamResponseSchema } from "#lib/gen/assay/v1/validation_service_pb.js";
import { optionsMessage } from "#lib/options.js";

const broken = () => new UnavailableError({ code: "UNAVAILABLE", details: "gone" });

function newBook(tuning: Partial<StreamTuning> = {}, options = {}): Book {
  return new Book({ ...DEFAULT_TUNING, ...tuning }, optionsMessage(options));
}

function add(book: Book, ...eventIds: string[]): void {
  for (const eventId of eventIds) book.add({ eventType: "t", payload: "{}", eventId }, 0);
}

/** Returns what is handed out for the call under way: sequence, event identifiers, and whether there are options. */
function handedOut(book: Book): [number, string, boolean][] {
  const messages: [number, string, boolean][] = [];
  for (let bytes = book.nextMessage(); bytes; bytes = book.nextMessage()) {
    const { sequence, events, options } = fromBinary(ValidateStreamRequestSchema, bytes);
    messages.push([Number(sequence), events.map(({ eventId }) => eventId).join(""), options !== undefined]);
  }
  return messages;
}

function answer(book: Book, sequence: number, count: number): number {
  return book.answer(create(ValidateStreamResponseSchema, { sequence: BigInt(sequence), verdicts: Array(count).fill({}) }))
    .length;
}

describe("Book", () => {
  it("gathers events until a message is full, its first event has waited, or there is no room", () => {
    const full = newBook({ maxEventsPerMessage: 2, lookAhead: 5 });
    add(full, "a", "b", "c", "d", "e");
    assert.deepEqual(handedOut(full), [
      [1, "ab", false],
      [2, "cd", false],
      [3, "e", false],
    ]);

    const slow = newBook({ maxDelayMs: 5 });
    assert.equal(slow.add({ eventType: "t", payload: "{}" }, 100), false);
    assert.equal(slow.due, 105);
    assert.equal(slow.add({ eventType: "t", payload: "{}" }, 105), true);
    assert.equal(slow.due, undefined);
    assert.equal(handedOut(slow).length, 1);
  });

  it("begins another message where an event would make one too large", () => {
    const book = newBook({ maxBytesPerMessage: 100 });
    const payload = JSON.stringify({ text: "x".repeat(60) });
    for (const eventId of "abc") book.add({ eventType: "t", payload, eventId }, 0);
    book.endInput();
    assert.deepEqual(
      handedOut(book).map(([, events]) => events),
      ["a", "b", "c"],
    );
  });

  it("has room for so many events and bytes, until verdicts are taken", () => {
    const book = newBook({ lookAhead: 2, lookAheadBytes: 1000 });
    add(book, "a");
    assert.equal(book.hasRoom, true);
    add(book, "b");
    assert.equal(book.hasRoom, false);
    handedOut(book);
    answer(book, 1, 2);
    assert.equal(book.hasRoom, false);
    book.release(2);
    assert.equal(book.hasRoom, true);
    book.add({ eventType: "t", payload: JSON.stringify("x".repeat(1000)) }, 0);
    book.flush();
    assert.equal(book.hasRoom, false);
  });

  it("hands out what has no answer again on the next call, with the options first on each", () => {
    const book = newBook({ maxEventsPerMessage: 1 }, { explain: true });
    add(book, "a", "b", "c");
    book.beginCall();
    assert.deepEqual(handedOut(book), [
      [1, "a", true],
      [2, "b", false],
      [3, "c", false],
    ]);
    assert.equal(answer(book, 1, 1), 1);
    assert.ok(book.callEnded(broken()) > 0);
    book.beginCall();
    assert.deepEqual(handedOut(book), [
      [2, "b", true],
      [3, "c", false],
    ]);
  });

  it("takes only the answer that is due", () => {
    for (const [sequence, count] of [
      [2, 1],
      [1, 2],
      [0, 0],
    ] as const) {
      const book = newBook({ maxEventsPerMessage: 1 });
      add(book, "a", "b");
      handedOut(book);
      assert.throws(() => answer(book, sequence, count), InternalError);
    }
    assert.throws(() => answer(newBook(), 1, 1), /nothing was due/);
  });

  it("waits twice as long before each attempt that gets no further, and gives up after so many", () => {
    const book = newBook({ maxAttempts: 3, initialBackoffMs: 100, maxBackoffMs: 300 });
    add(book, "a");
    book.flush();
    for (const least of [80, 160, 240]) {
      const wait = book.callEnded(broken());
      assert.ok(wait >= least && wait <= least * 1.5, `${wait} and not ${least} or half as much again`);
    }
    assert.throws(
      () => book.callEnded(broken()),
      (error) => error instanceof UnavailableError && /broke off after 0 events .* 3 attempts .*: gone/.test(error.details),
    );
  });

  it("counts attempts anew once there is an answer", () => {
    const book = newBook({ maxAttempts: 1, maxEventsPerMessage: 1 });
    add(book, "a", "b");
    book.callEnded(broken());
    handedOut(book);
    answer(book, 1, 1);
    assert.ok(book.callEnded(broken()) > 0);
    assert.throws(() => book.callEnded(broken()), UnavailableError);
  });

  it("waits as long as the server asks", () => {
    const book = newBook();
    add(book, "a");
    book.flush();
    const failure = { code: "RESOURCE_EXHAUSTED", details: "busy", retryDelayMs: 7000 } as const;
    assert.equal(book.callEnded(new OverloadedError(failure)), 7000);
  });

  it("does not carry on after an error that another call would meet again", () => {
    const book = newBook();
    add(book, "a");
    book.flush();
    for (const code of ["INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "UNAUTHENTICATED", "INTERNAL"] as const) {
      assert.throws(() => book.callEnded(new CallError({ code, details: "no" })), { code });
    }
  });

  it("carries on where a server ends a call with OK and owes answers, and not where it owes none", () => {
    const book = newBook();
    assert.equal(book.callEnded(), 0);
    add(book, "a");
    book.flush();
    assert.ok(book.callEnded() > 0);
  });

  it("names the position of an event that cannot be sent", () => {
    const book = newBook();
    add(book, "a", "b");
    const event = { eventType: "t", payload: { a: Number.NaN } };
    assert.throws(
      () => book.add(event, 0),
      (error) => error instanceof EncodingError && error.position === 2,
    );
  });
});
