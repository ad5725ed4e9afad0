package dev.assay.client;

/**
 * UNAVAILABLE: no server could be reached, or the one that was is going away; tried again already,
 * in vain.
 */
public final class UnavailableException extends CallException {
  UnavailableException(Failure failure, Throwable cause) {
    super(failure, cause);
  }
}
