package dev.assay.client;

/** NOT_FOUND: the catalog has no such event type, version, or baseline. */
public final class NotFoundException extends CallException {
  NotFoundException(Failure failure, Throwable cause) {
    super(failure, cause);
  }
}
