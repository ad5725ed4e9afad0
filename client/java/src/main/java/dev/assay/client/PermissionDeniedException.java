package dev.assay.client;

/** PERMISSION_DENIED: the caller may not call this method. */
public final class PermissionDeniedException extends CallException {
  PermissionDeniedException(Failure failure, Throwable cause) {
    super(failure, cause);
  }
}
