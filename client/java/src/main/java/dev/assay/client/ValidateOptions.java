package dev.assay.client;

import dev.assay.v1.ValidationServiceProto;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How to check, and what to report: {@code
 * ValidateOptions.builder().returnNormalized(true).build()}.
 */
public final class ValidateOptions {
  private static final ValidateOptions DEFAULTS = builder().build();

  private final ValidationServiceProto.ValidateOptions message;
  private final Duration timeout;

  private ValidateOptions(Builder builder) {
    message = builder.message.build();
    timeout = builder.timeout;
  }

  /** Returns what holds unless something else is said. */
  public static ValidateOptions defaults() {
    return DEFAULTS;
  }

  /** Returns a builder in which nothing is said. */
  public static Builder builder() {
    return new Builder();
  }

  /** The message; null if each option has its default. */
  ValidationServiceProto.ValidateOptions message() {
    return message.getSerializedSize() == 0 ? null : message;
  }

  /** How long the call may take, in place of the client's own timeout. */
  Optional<Duration> timeout() {
    return Optional.ofNullable(timeout);
  }

  /** Says how to check, option by option. */
  public static final class Builder {
    private final ValidationServiceProto.ValidateOptions.Builder message =
        ValidationServiceProto.ValidateOptions.newBuilder();
    private Duration timeout;

    private Builder() {}

    /** Return the payload as the contract normalises it, in {@link Verdict#normalized()}. */
    public Builder returnNormalized(boolean wanted) {
      message.setReturnNormalized(wanted);
      return this;
    }

    /**
     * Explain what every statistical and anomaly check saw, in {@link Verdict#explanations}. Costs
     * time on every event.
     */
    public Builder explain(boolean wanted) {
      message.setExplain(wanted);
      return this;
    }

    /** Leave history and every other learned state as they are. */
    public Builder dryRun(boolean wanted) {
      message.setDryRun(wanted);
      return this;
    }

    /** The least strict findings to report. If not said, WARN. */
    public Builder reportFrom(Enforcement least) {
      message.setReportFromValue(least.number());
      return this;
    }

    /** The least strict findings that make an event not valid. If not said, REJECT. */
    public Builder rejectFrom(Enforcement least) {
      message.setRejectFromValue(least.number());
      return this;
    }

    /**
     * How long the call may take, in place of the client's own timeout. {@link
     * AssayClient#validateStream} has none, and refuses one.
     */
    public Builder timeout(Duration timeout) {
      this.timeout = Objects.requireNonNull(timeout, "timeout");
      return this;
    }

    /** Returns what was said. */
    public ValidateOptions build() {
      return new ValidateOptions(this);
    }
  }
}
