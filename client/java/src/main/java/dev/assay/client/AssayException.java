package dev.assay.client;

/** The base of every exception that this client throws for what it was asked to do. */
public abstract class AssayException extends RuntimeException {
  AssayException(String message, Throwable cause) {
    super(message, cause);
  }
}
