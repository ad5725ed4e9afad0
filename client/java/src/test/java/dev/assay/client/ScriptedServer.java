package dev.assay.client;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.util.Timestamps;
import com.google.rpc.ErrorInfo;
import dev.assay.v1.EventProto;
import dev.assay.v1.ValidationServiceGrpc;
import dev.assay.v1.ValidationServiceProto.ValidateBatchRequest;
import dev.assay.v1.ValidationServiceProto.ValidateBatchResponse;
import dev.assay.v1.ValidationServiceProto.ValidateRequest;
import dev.assay.v1.ValidationServiceProto.ValidateResponse;
import dev.assay.v1.ValidationServiceProto.ValidateStreamRequest;
import dev.assay.v1.ValidationServiceProto.ValidateStreamResponse;
import dev.assay.v1.VerdictProto;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A real server that does what a test tells it to. As a program it serves until it is killed, and
 * prints its port when it is ready.
 */
final class ScriptedServer extends ValidationServiceGrpc.ValidationServiceImplBase
    implements AutoCloseable, ServerInterceptor {
  final HealthStatusManager health = new HealthStatusManager();
  final List<Metadata> headers = new CopyOnWriteArrayList<>();
  final List<Integer> batches = new CopyOnWriteArrayList<>();
  final List<ValidateStreamRequest> messages = new CopyOnWriteArrayList<>();

  /** Whether a caller has left a stream before its end. */
  final CountDownLatch streamCancelled = new CountDownLatch(1);

  /** Called at the beginning of a unary call; may throw a status. */
  volatile Consumer<Message> onCall = request -> {};

  /** Called before a message of a stream is answered; may throw a status. */
  volatile Consumer<ValidateStreamRequest> onMessage = request -> {};

  /** Says what a message of a stream is answered with. */
  volatile Function<ValidateStreamRequest, ValidateStreamResponse> answer = this::answer;

  private final String name;
  private final Server server;

  ScriptedServer(String name) {
    this.name = name;
    try {
      server =
          Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
              .addService(this)
              .addService(new ScriptedCatalog())
              .addService(health.getHealthService())
              .intercept(this)
              .build()
              .start();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  public static void main(String[] arguments) throws InterruptedException {
    ScriptedServer server = new ScriptedServer(arguments[0]);
    System.out.println(server.server.getPort());
    server.server.awaitTermination();
  }

  String address() {
    return "127.0.0.1:" + server.getPort();
  }

  /** The error that a call ends with as an Assay server ends it. */
  static StatusRuntimeException error(
      Status.Code code, String reason, Map<String, String> metadata, Message... details) {
    var status = com.google.rpc.Status.newBuilder().setCode(code.value()).setMessage("told to");
    var info = ErrorInfo.newBuilder().setReason(reason).setDomain("assay.v1");
    status.addDetails(Any.pack(info.putAllMetadata(metadata).build()));
    for (Message detail : details) {
      status.addDetails(Any.pack(detail));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  static StatusRuntimeException draining() {
    return error(Status.Code.UNAVAILABLE, "DRAINING", Map.of());
  }

  @Override
  public void validate(ValidateRequest request, StreamObserver<ValidateResponse> answers) {
    unary(
        request,
        answers,
        () -> ValidateResponse.newBuilder().setVerdict(judge(request.getEvent())).build());
  }

  @Override
  public void validateBatch(
      ValidateBatchRequest request, StreamObserver<ValidateBatchResponse> answers) {
    batches.add(request.getEventsCount());
    var response = ValidateBatchResponse.newBuilder();
    request.getEventsList().forEach(event -> response.addVerdicts(judge(event)));
    unary(request, answers, response::build);
  }

  private <T> void unary(Message request, StreamObserver<T> answers, Supplier<T> response) {
    try {
      onCall.accept(request);
    } catch (StatusRuntimeException error) {
      answers.onError(error);
      return;
    }
    answers.onNext(response.get());
    answers.onCompleted();
  }

  @Override
  public StreamObserver<ValidateStreamRequest> validateStream(
      StreamObserver<ValidateStreamResponse> answers) {
    return new StreamObserver<>() {
      private boolean ended;

      @Override
      public void onNext(ValidateStreamRequest request) {
        if (ended) {
          return;
        }
        messages.add(request);
        try {
          onMessage.accept(request);
          answers.onNext(answer.apply(request));
        } catch (StatusRuntimeException error) {
          ended = true;
          answers.onError(error);
        }
      }

      @Override
      public void onError(Throwable error) {
        ended = true;
        streamCancelled.countDown();
      }

      @Override
      public void onCompleted() {
        if (!ended) {
          answers.onCompleted();
        }
      }
    };
  }

  ValidateStreamResponse answer(ValidateStreamRequest request) {
    var response = ValidateStreamResponse.newBuilder().setSequence(request.getSequence());
    request.getEventsList().forEach(event -> response.addVerdicts(judge(event)));
    return response.build();
  }

  /** An event is valid unless its payload holds the text "bad". */
  private VerdictProto.Verdict judge(EventProto.Event event) {
    var verdict =
        VerdictProto.Verdict.newBuilder()
            .setEventId(event.getEventId())
            .setProcessedAt(Timestamps.fromMillis(1_000))
            .setContractVersion("1.0.0+" + name)
            .setValid(true);
    if (event.getPayloadJson().toStringUtf8().contains("bad")) {
      verdict.setValid(false);
      verdict
          .addFindingsBuilder()
          .setCheck("rules.not_bad")
          .setLayer(VerdictProto.Layer.LAYER_RULES)
          .setEnforcement(VerdictProto.Enforcement.ENFORCEMENT_REJECT)
          .setField("/text")
          .setMessage("is bad");
    }
    return verdict.build();
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata sent, ServerCallHandler<Q, R> next) {
    if (call.getMethodDescriptor().getFullMethodName().startsWith("assay.")) {
      headers.add(sent);
    }
    return next.startCall(call, sent);
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
