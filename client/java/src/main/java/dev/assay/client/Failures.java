package dev.assay.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.assay.client.CallException.Failure;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** From a failed call's status and its details to an exception. */
final class Failures {
  private Failures() {}

  /** Returns the exception that says why a call has failed. */
  static CallException exception(Status status, Metadata trailers) {
    return exception(read(status, trailers), status.getCause());
  }

  /** Returns the exception of the kind that the failure's code asks for. */
  static CallException exception(Failure failure, Throwable cause) {
    return switch (failure.code()) {
      case INVALID_ARGUMENT -> new MalformedRequestException(failure, cause);
      case NOT_FOUND -> new NotFoundException(failure, cause);
      case UNAUTHENTICATED -> new UnauthenticatedException(failure, cause);
      case PERMISSION_DENIED -> new PermissionDeniedException(failure, cause);
      case UNAVAILABLE -> new UnavailableException(failure, cause);
      case DEADLINE_EXCEEDED -> new DeadlineExceededException(failure, cause);
      case INTERNAL -> new InternalException(failure, cause);
      // The code alone does not tell: a message above a size limit is RESOURCE_EXHAUSTED too, and
      // no wait cures that.
      case RESOURCE_EXHAUSTED ->
          failure.reason().equals("OVERLOADED") || failure.retryDelay() != null
              ? new OverloadedException(failure, cause)
              : new CallException(failure, cause);
      default -> new CallException(failure, cause);
    };
  }

  /** Returns the exception for a call on a client that is, or was meanwhile, closed. */
  static CallException closed() {
    return new CallException(new Failure(Status.Code.CANCELLED, "the client is closed"), null);
  }

  /** Returns the exception for a thread that was interrupted in a call. */
  static CallException interrupted(InterruptedException cause) {
    return new CallException(
        new Failure(Status.Code.CANCELLED, "the thread was interrupted"), cause);
  }

  private static Failure read(Status status, Metadata trailers) {
    String reason = "";
    Map<String, String> metadata = Map.of();
    Duration retryDelay = null;
    List<FieldViolation> violations = new ArrayList<>();
    for (Any detail : details(status, trailers)) {
      try {
        if (detail.is(ErrorInfo.class)) {
          ErrorInfo info = detail.unpack(ErrorInfo.class);
          reason = info.getReason();
          metadata = Map.copyOf(info.getMetadataMap());
        } else if (detail.is(RetryInfo.class)) {
          var delay = detail.unpack(RetryInfo.class).getRetryDelay();
          retryDelay = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
        } else if (detail.is(BadRequest.class)) {
          for (var each : detail.unpack(BadRequest.class).getFieldViolationsList()) {
            violations.add(new FieldViolation(each.getField(), each.getDescription()));
          }
        }
      } catch (InvalidProtocolBufferException unreadable) {
        continue; // The status itself says enough.
      }
    }
    String text =
        status.getDescription() == null ? status.getCode().name() : status.getDescription();
    return new Failure(
        status.getCode(), text, reason, metadata, retryDelay, List.copyOf(violations));
  }

  private static List<Any> details(Status status, Metadata trailers) {
    try {
      var details = trailers == null ? null : StatusProto.fromStatusAndTrailers(status, trailers);
      return details == null ? List.of() : details.getDetailsList();
    } catch (IllegalArgumentException unreadable) {
      return List.of();
    }
  }
}
