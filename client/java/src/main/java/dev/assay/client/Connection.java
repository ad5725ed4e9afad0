package dev.assay.client;

import com.google.protobuf.MessageLite;
import dev.assay.client.CallException.Failure;
import dev.assay.v1.ValidationServiceGrpc;
import dev.assay.v1.ValidationServiceProto.ValidateStreamRequest;
import dev.assay.v1.ValidationServiceProto.ValidateStreamResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** How calls are made, and fail. */
final class Connection {
  /** Stands for no time limit. */
  static final Deadline NEVER = null;

  private static final long LAST_WAIT_SECONDS = 5;
  private static final long LOOK_INTERVAL = TimeUnit.MILLISECONDS.toNanos(250);

  private final ManagedChannel transport;
  private final EventLoops loops;
  private final Channel channel;
  private final String address;
  private final AtomicLong lastLook = new AtomicLong(System.nanoTime() - LOOK_INTERVAL);
  private volatile boolean closed;

  Connection(ManagedChannel transport, EventLoops loops, Metadata headers, String address) {
    this.transport = transport;
    this.loops = loops;
    this.channel =
        ClientInterceptors.intercept(transport, MetadataUtils.newAttachHeadersInterceptor(headers));
    this.address = address;
  }

  static Deadline deadline(Duration timeout) {
    return timeout == null ? NEVER : Deadline.after(Nanos.of(timeout), TimeUnit.NANOSECONDS);
  }

  /** Makes a unary call, and waits for its answer. */
  <Q extends MessageLite, R extends MessageLite> R call(
      MethodDescriptor<Q, R> method, Q request, Deadline deadline) {
    CallOptions options = options(deadline);
    try {
      return ClientCalls.blockingUnaryCall(channel, method, options, request);
    } catch (StatusRuntimeException failed) {
      throw exception(failed.getStatus(), failed.getTrailers());
    }
  }

  /** Makes a unary call, the answer of which comes in its own time. */
  <Q extends MessageLite, R extends MessageLite, T> CompletableFuture<T> callAsync(
      MethodDescriptor<Q, R> method, Q request, Deadline deadline, Function<R, T> convert) {
    ClientCall<Q, R> call = channel.newCall(method, options(deadline));
    PendingCall<R, T> pending = new PendingCall<>(call, convert, this::exception);
    call.start(pending.listener(), new Metadata());
    call.request(2); // The second asks for what would break the contract of a unary call.
    call.sendMessage(request);
    call.halfClose();
    return pending;
  }

  /** Returns a call for a stream of events, not begun. */
  ClientCall<ValidateStreamRequest, ValidateStreamResponse> newStream() {
    return channel.newCall(ValidationServiceGrpc.getValidateStreamMethod(), options(NEVER));
  }

  boolean isClosed() {
    return closed;
  }

  /** Closes the connections. Calls that are under way end with an error. */
  void close() {
    closed = true;
    transport.shutdownNow();
    boolean interrupted = Thread.interrupted();
    try {
      transport.awaitTermination(LAST_WAIT_SECONDS, TimeUnit.SECONDS);
      loops.close(LAST_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException again) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private CallOptions options(Deadline deadline) {
    if (closed) {
      throw Failures.closed();
    }
    lookForServer();
    // Without a deadline, to wait for a server that is not there would be to wait for ever.
    return deadline == NEVER
        ? CallOptions.DEFAULT
        : CallOptions.DEFAULT.withDeadline(deadline).withWaitForReady();
  }

  /**
   * Looks whether a server is back that has been away: gRPC by itself would look every two minutes
   * in the end, and somebody asks for it. But not for every one of many calls.
   */
  private void lookForServer() {
    if (transport.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      long now = System.nanoTime();
      long last = lastLook.get();
      if (now - last >= LOOK_INTERVAL && lastLook.compareAndSet(last, now)) {
        transport.resetConnectBackoff();
      }
    }
  }

  private CallException exception(Status status, Metadata trailers) {
    if (closed && status.getCode() != Status.Code.DEADLINE_EXCEEDED) {
      return Failures.closed();
    }
    CallException error = Failures.exception(status, trailers);
    if (error instanceof DeadlineExceededException && error.reason().isEmpty()) {
      String text = address + " did not answer in time, or is not there";
      return new DeadlineExceededException(new Failure(status.getCode(), text), error);
    }
    return error;
  }
}
