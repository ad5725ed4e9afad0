package dev.assay.client;

/** UNAUTHENTICATED: no credentials, or none that the server accepts. */
public final class UnauthenticatedException extends CallException {
  UnauthenticatedException(Failure failure, Throwable cause) {
    super(failure, cause);
  }
}
