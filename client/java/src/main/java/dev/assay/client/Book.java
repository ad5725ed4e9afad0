package dev.assay.client;

import dev.assay.client.CallException.Failure;
import dev.assay.v1.EventProto;
import dev.assay.v1.ValidationServiceProto;
import dev.assay.v1.ValidationServiceProto.ValidateStreamRequest;
import dev.assay.v1.ValidationServiceProto.ValidateStreamResponse;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The book of a stream: what was sent, what was answered, what to send again. It does no I/O, never
 * waits, and knows nothing of threads: whoever holds the stream's lock may use it.
 *
 * <p>A message in line has its sequence and never changes. When a call ends early, what it was sent
 * goes back to the head of the line, so that the next call begins with the first message without an
 * answer.
 */
final class Book {
  private final StreamTuning tuning;
  private final ValidationServiceProto.ValidateOptions options;
  private final Gatherer gatherer;
  private final long maxDelay;
  private final Deque<ValidateStreamRequest> unsent = new ArrayDeque<>();
  private final Deque<ValidateStreamRequest> sent = new ArrayDeque<>();
  private boolean optionsSent;
  private long lastSequence;
  private long held;
  private long heldBytes;
  private long answered;
  private int fruitless;
  private boolean isDue;
  private long due;
  private boolean inputEnded;

  /** Makes the book of a stream that begins; options may be null. */
  Book(StreamTuning tuning, ValidationServiceProto.ValidateOptions options) {
    this.tuning = tuning;
    this.options = options;
    this.maxDelay = Nanos.of(tuning.maxDelay());
    this.gatherer =
        new Gatherer(
            Math.min(tuning.maxEventsPerMessage(), tuning.lookAhead()),
            tuning.maxBytesPerMessage());
  }

  // The input.

  /** Whether another event may be read from the input. */
  boolean hasRoom() {
    return held < tuning.lookAhead() && heldBytes < tuning.lookAheadBytes();
  }

  /**
   * Takes the next event of the input, at a time in nanoseconds.
   *
   * @return whether there is another message in line
   */
  boolean add(EventProto.Event event, long now) {
    long before = lastSequence;
    if (gatherer.isTooMuch(event)) {
      flush();
    }
    boolean full = gatherer.add(event);
    held++;
    if (!isDue) {
      isDue = true;
      due = now + maxDelay;
    }
    if (full
        || held >= tuning.lookAhead()
        || heldBytes + gatherer.bytes() >= tuning.lookAheadBytes()
        || due - now <= 0) {
      flush();
    }
    return lastSequence != before;
  }

  /** Whether events are gathered that wait for others. */
  boolean isDue() {
    return isDue;
  }

  /** When they are to be flushed, in nanoseconds. */
  long due() {
    return due;
  }

  /** Puts what is gathered in line, to be sent as it is. */
  void flush() {
    if (gatherer.isEmpty()) {
      return;
    }
    ValidateStreamRequest message =
        ValidateStreamRequest.newBuilder()
            .setSequence(++lastSequence)
            .addAllEvents(gatherer.flush())
            .build();
    unsent.add(message);
    heldBytes += message.getSerializedSize();
    isDue = false;
  }

  /** Notes that no more events come. */
  void endInput() {
    flush();
    inputEnded = true;
  }

  boolean inputEnded() {
    return inputEnded;
  }

  // Sending.

  /** Whether there is a message for the call under way, or for a new one. */
  boolean hasUnsent() {
    return !unsent.isEmpty();
  }

  /** Notes that a call begins, on which nothing has been sent. */
  void beginCall() {
    takeBack();
    optionsSent = options == null;
  }

  /** Returns the next message for the call under way; null if there is none at present. */
  ValidateStreamRequest nextMessage() {
    ValidateStreamRequest message = unsent.poll();
    if (message == null) {
      return null;
    }
    sent.add(message);
    if (optionsSent) {
      return message;
    }
    optionsSent = true; // They hold for the call from here on.
    return message.toBuilder().setOptions(options).build();
  }

  private void takeBack() {
    while (!sent.isEmpty()) {
      unsent.addFirst(sent.pollLast());
    }
  }

  // Receiving.

  /** Strikes the oldest message; throws {@link InternalException} if it is not what is answered. */
  void answer(ValidateStreamResponse response) {
    ValidateStreamRequest expected = sent.peek();
    if (expected == null
        || response.getSequence() != expected.getSequence()
        || response.getVerdictsCount() != expected.getEventsCount()) {
      String wanted =
          expected == null
              ? "nothing"
              : expected.getEventsCount() + " verdicts for sequence " + expected.getSequence();
      throw new InternalException(
          new Failure(
              Status.Code.INTERNAL,
              "the server broke the contract: "
                  + wanted
                  + " was due, but it sent "
                  + response.getVerdictsCount()
                  + " verdicts for sequence "
                  + Long.toUnsignedString(response.getSequence())),
          null);
    }
    sent.remove();
    heldBytes -= expected.getSerializedSize();
    answered += response.getVerdictsCount();
    fruitless = 0;
  }

  /** Notes that the caller has taken so many verdicts, and makes room for as many events. */
  void release(int count) {
    held -= count;
  }

  // The end of a call.

  /**
   * Notes that the call under way has ended, with an error or, if that is null, with OK.
   *
   * @return after how many nanoseconds the stream may be carried on, if anything is left to do
   * @throws CallException if another call would not help, or too many have not
   */
  long callEnded(CallException error) {
    takeBack();
    if (error == null) {
      if (unsent.isEmpty()) {
        return 0;
      }
      String text = "the server ended the stream before all was answered";
      error = new UnavailableException(new Failure(Status.Code.UNAVAILABLE, text), null);
    }
    long asked = error.retryDelay().map(Nanos::of).orElse(0L);
    boolean mayCarryOn =
        switch (error.code()) {
          case UNAVAILABLE, CANCELLED -> true;
          case RESOURCE_EXHAUSTED -> error.retryDelay().isPresent();
          default -> false;
        };
    if (!mayCarryOn) {
      throw error;
    }
    if (unsent.isEmpty()) {
      return asked;
    }
    if (tuning.maxAttempts() == 0) {
      throw error;
    }
    if (fruitless >= tuning.maxAttempts()) {
      throw givenUp(error);
    }
    double doubled = (double) Nanos.of(tuning.initialBackoff()) * Math.pow(2, fruitless);
    double jitter = ThreadLocalRandom.current().nextDouble(0.8, 1.2);
    fruitless++;
    return Math.max((long) (Math.min(Nanos.of(tuning.maxBackoff()), doubled) * jitter), asked);
  }

  private CallException givenUp(CallException error) {
    String text =
        "the stream broke off after %d events were answered, and %d attempts in a row to carry it on got no further; the last of them: %s"
            .formatted(answered, fruitless, error.text());
    return Failures.exception(error.failure().withText(text), error);
  }
}
