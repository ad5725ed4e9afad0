package dev.assay.client;

import java.time.Duration;

/** Durations as nanoseconds, for clocks that count in them. */
final class Nanos {
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private Nanos() {}

  /** Returns a duration, of which 292 years are as good as for ever. */
  static long of(Duration duration) {
    return duration.compareTo(LONGEST) < 0 ? duration.toNanos() : Long.MAX_VALUE;
  }
}
