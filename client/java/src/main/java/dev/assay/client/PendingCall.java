package dev.assay.client;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A unary call whose answer comes in its own time. Cancelling it cancels the call.
 *
 * @param <R> what the server answers
 * @param <T> what the caller gets
 */
final class PendingCall<R, T> extends CompletableFuture<T> {
  private final ClientCall<?, R> call;
  private final Function<R, T> convert;
  private final BiFunction<Status, Metadata, CallException> exception;

  PendingCall(
      ClientCall<?, R> call,
      Function<R, T> convert,
      BiFunction<Status, Metadata, CallException> exception) {
    this.call = call;
    this.convert = convert;
    this.exception = exception;
  }

  ClientCall.Listener<R> listener() {
    return new ClientCall.Listener<>() {
      private R response;

      @Override
      public void onMessage(R message) {
        response = message;
      }

      @Override
      public void onClose(Status status, Metadata trailers) {
        // What depends on the answer may take its time, and must not hold up the transport.
        defaultExecutor().execute(() -> finish(status, trailers));
      }

      private void finish(Status status, Metadata trailers) {
        if (!status.isOk()) {
          completeExceptionally(exception.apply(status, trailers));
        } else if (response == null) {
          Status broken = Status.INTERNAL.withDescription("the server sent no answer, and OK");
          completeExceptionally(exception.apply(broken, trailers));
        } else {
          complete(convert.apply(response));
        }
      }
    };
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    if (cancelled) {
      call.cancel("cancelled by the caller", null);
    }
    return cancelled;
  }
}
