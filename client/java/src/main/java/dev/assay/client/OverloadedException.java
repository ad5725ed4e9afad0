package dev.assay.client;

/**
 * RESOURCE_EXHAUSTED: the server has as much work as it takes on; try again after {@link
 * #retryDelay}.
 */
public final class OverloadedException extends CallException {
  OverloadedException(Failure failure, Throwable cause) {
    super(failure, cause);
  }
}
