package dev.assay.client;

import java.time.Duration;

/**
 * How {@link AssayClient#validateStream} gathers events into messages, and how long it tries to
 * carry on: {@code StreamTuning.builder().maxDelay(Duration.ofMillis(1)).build()}.
 *
 * @param lookAhead how many events are read from the input, at most, ahead of the verdicts that the
 *     caller has taken; 5,000 by default
 * @param lookAheadBytes about how many bytes of events are held, at most, until they are answered;
 *     16 MiB by default
 * @param maxEventsPerMessage how many events a message holds, at most; 500 by default, and servers
 *     take 10,000 unless set otherwise
 * @param maxBytesPerMessage how many bytes of events a message holds, about; 1 MiB by default, and
 *     a larger event travels by itself
 * @param maxDelay how long an event waits, at most, for others to fill its message; 5 ms by default
 * @param maxAttempts how often in a row a broken stream is begun again without one more answer; 10
 *     by default, and with 0 it is not carried on at all
 * @param initialBackoff how long to wait before the first of these attempts, ± 20 %, and twice as
 *     long before each of the next; 50 ms by default
 * @param maxBackoff how long to wait before an attempt, at most; 5 s by default
 */
public record StreamTuning(
    int lookAhead,
    int lookAheadBytes,
    int maxEventsPerMessage,
    int maxBytesPerMessage,
    Duration maxDelay,
    int maxAttempts,
    Duration initialBackoff,
    Duration maxBackoff) {

  private static final StreamTuning DEFAULTS = builder().build();

  /** Refuses figures that make no sense. */
  public StreamTuning {
    require(lookAhead >= 1, "lookAhead", lookAhead, "1 or more");
    require(lookAheadBytes >= 1, "lookAheadBytes", lookAheadBytes, "1 or more");
    require(maxEventsPerMessage >= 1, "maxEventsPerMessage", maxEventsPerMessage, "1 or more");
    require(maxBytesPerMessage >= 1, "maxBytesPerMessage", maxBytesPerMessage, "1 or more");
    require(!maxDelay.isNegative(), "maxDelay", maxDelay, "0 or more");
    require(maxAttempts >= 0, "maxAttempts", maxAttempts, "0 or more");
    require(!initialBackoff.isNegative(), "initialBackoff", initialBackoff, "0 or more");
    require(!maxBackoff.isNegative(), "maxBackoff", maxBackoff, "0 or more");
  }

  private static void require(boolean holds, String name, Object figure, String wanted) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + figure + ": it must be " + wanted);
    }
  }

  /** Returns the tuning that holds unless another is given. */
  public static StreamTuning defaults() {
    return DEFAULTS;
  }

  /** Returns a builder that starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Says how to stream, figure by figure; each is described where {@link StreamTuning} has it. */
  public static final class Builder {
    private int lookAhead = 5_000;
    private int lookAheadBytes = 16 << 20;
    private int maxEventsPerMessage = 500;
    private int maxBytesPerMessage = 1 << 20;
    private Duration maxDelay = Duration.ofMillis(5);
    private int maxAttempts = 10;
    private Duration initialBackoff = Duration.ofMillis(50);
    private Duration maxBackoff = Duration.ofSeconds(5);

    private Builder() {}

    /** Sets {@link StreamTuning#lookAhead}. */
    public Builder lookAhead(int events) {
      lookAhead = events;
      return this;
    }

    /** Sets {@link StreamTuning#lookAheadBytes}. */
    public Builder lookAheadBytes(int bytes) {
      lookAheadBytes = bytes;
      return this;
    }

    /** Sets {@link StreamTuning#maxEventsPerMessage}. */
    public Builder maxEventsPerMessage(int events) {
      maxEventsPerMessage = events;
      return this;
    }

    /** Sets {@link StreamTuning#maxBytesPerMessage}. */
    public Builder maxBytesPerMessage(int bytes) {
      maxBytesPerMessage = bytes;
      return this;
    }

    /** Sets {@link StreamTuning#maxDelay}. */
    public Builder maxDelay(Duration delay) {
      maxDelay = delay;
      return this;
    }

    /** Sets {@link StreamTuning#maxAttempts}. */
    public Builder maxAttempts(int attempts) {
      maxAttempts = attempts;
      return this;
    }

    /** Sets {@link StreamTuning#initialBackoff}. */
    public Builder initialBackoff(Duration backoff) {
      initialBackoff = backoff;
      return this;
    }

    /** Sets {@link StreamTuning#maxBackoff}. */
    public Builder maxBackoff(Duration backoff) {
      maxBackoff = backoff;
      return this;
    }

    /**
     * Returns the tuning.
     *
     * @throws IllegalArgumentException if a figure makes no sense
     */
    public StreamTuning build() {
      return new StreamTuning(
          lookAhead,
          lookAheadBytes,
          maxEventsPerMessage,
          maxBytesPerMessage,
          maxDelay,
          maxAttempts,
          initialBackoff,
          maxBackoff);
    }
  }
}
