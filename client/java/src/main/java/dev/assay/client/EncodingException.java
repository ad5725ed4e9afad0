package dev.assay.client;

import java.util.OptionalLong;

/**
 * An event cannot be put into a message: there is something about it that JSON or the contract
 * cannot hold.
 */
public final class EncodingException extends AssayException {
  private final String problem;
  private final long position;

  EncodingException(String problem, Throwable cause) {
    this(problem, -1, cause);
  }

  private EncodingException(String problem, long position, Throwable cause) {
    super(position < 0 ? problem : "event at position " + position + ": " + problem, cause);
    this.problem = problem;
    this.position = position;
  }

  /** Returns this exception for one of several events. */
  EncodingException at(long position) {
    EncodingException positioned = new EncodingException(problem, position, getCause());
    positioned.setStackTrace(getStackTrace());
    return positioned;
  }

  /** What is wrong, and what to do. */
  public String problem() {
    return problem;
  }

  /** Which of the events it is, counted from 0; empty where there was only one. */
  public OptionalLong position() {
    return position < 0 ? OptionalLong.empty() : OptionalLong.of(position);
  }
}
