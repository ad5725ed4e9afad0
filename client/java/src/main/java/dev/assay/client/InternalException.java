package dev.assay.client;

/** INTERNAL: the server failed; whoever runs it finds why in its log, by {@link #incident}. */
public final class InternalException extends CallException {
  InternalException(Failure failure, Throwable cause) {
    super(failure, cause);
  }
}
