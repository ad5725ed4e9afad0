package dev.assay.client;

/**
 * INVALID_ARGUMENT: the request lacks what it requires, or holds what the server does not take; see
 * {@link #violations}.
 */
public final class MalformedRequestException extends CallException {
  MalformedRequestException(Failure failure, Throwable cause) {
    super(failure, cause);
  }
}
