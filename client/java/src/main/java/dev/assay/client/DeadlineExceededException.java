package dev.assay.client;

/** DEADLINE_EXCEEDED: there was no answer in time. */
public final class DeadlineExceededException extends CallException {
  DeadlineExceededException(Failure failure, Throwable cause) {
    super(failure, cause);
  }
}
