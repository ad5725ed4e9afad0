package dev.assay.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Tells whether events are well-formed, plausible and normal.
 * A bad event is an answer, not an error: it gets a verdict that is not valid. A call fails
 * with a status only for what is wrong with the call itself, its caller or the server; the
 * status then carries google.rpc.ErrorInfo with a reason from ErrorReason. An enum number that
 * the server does not know is wrong with the call.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class ValidationServiceGrpc {

  private ValidationServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "assay.v1.ValidationService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.assay.v1.ValidationServiceProto.ValidateRequest,
      dev.assay.v1.ValidationServiceProto.ValidateResponse> getValidateMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Validate",
      requestType = dev.assay.v1.ValidationServiceProto.ValidateRequest.class,
      responseType = dev.assay.v1.ValidationServiceProto.ValidateResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.assay.v1.ValidationServiceProto.ValidateRequest,
      dev.assay.v1.ValidationServiceProto.ValidateResponse> getValidateMethod() {
    io.grpc.MethodDescriptor<dev.assay.v1.ValidationServiceProto.ValidateRequest, dev.assay.v1.ValidationServiceProto.ValidateResponse> getValidateMethod;
    if ((getValidateMethod = ValidationServiceGrpc.getValidateMethod) == null) {
      synchronized (ValidationServiceGrpc.class) {
        if ((getValidateMethod = ValidationServiceGrpc.getValidateMethod) == null) {
          ValidationServiceGrpc.getValidateMethod = getValidateMethod =
              io.grpc.MethodDescriptor.<dev.assay.v1.ValidationServiceProto.ValidateRequest, dev.assay.v1.ValidationServiceProto.ValidateResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Validate"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.assay.v1.ValidationServiceProto.ValidateRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.assay.v1.ValidationServiceProto.ValidateResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ValidationServiceMethodDescriptorSupplier("Validate"))
              .build();
        }
      }
    }
    return getValidateMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.assay.v1.ValidationServiceProto.ValidateBatchRequest,
      dev.assay.v1.ValidationServiceProto.ValidateBatchResponse> getValidateBatchMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ValidateBatch",
      requestType = dev.assay.v1.ValidationServiceProto.ValidateBatchRequest.class,
      responseType = dev.assay.v1.ValidationServiceProto.ValidateBatchResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.assay.v1.ValidationServiceProto.ValidateBatchRequest,
      dev.assay.v1.ValidationServiceProto.ValidateBatchResponse> getValidateBatchMethod() {
    io.grpc.MethodDescriptor<dev.assay.v1.ValidationServiceProto.ValidateBatchRequest, dev.assay.v1.ValidationServiceProto.ValidateBatchResponse> getValidateBatchMethod;
    if ((getValidateBatchMethod = ValidationServiceGrpc.getValidateBatchMethod) == null) {
      synchronized (ValidationServiceGrpc.class) {
        if ((getValidateBatchMethod = ValidationServiceGrpc.getValidateBatchMethod) == null) {
          ValidationServiceGrpc.getValidateBatchMethod = getValidateBatchMethod =
              io.grpc.MethodDescriptor.<dev.assay.v1.ValidationServiceProto.ValidateBatchRequest, dev.assay.v1.ValidationServiceProto.ValidateBatchResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ValidateBatch"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.assay.v1.ValidationServiceProto.ValidateBatchRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.assay.v1.ValidationServiceProto.ValidateBatchResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ValidationServiceMethodDescriptorSupplier("ValidateBatch"))
              .build();
        }
      }
    }
    return getValidateBatchMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.assay.v1.ValidationServiceProto.ValidateStreamRequest,
      dev.assay.v1.ValidationServiceProto.ValidateStreamResponse> getValidateStreamMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ValidateStream",
      requestType = dev.assay.v1.ValidationServiceProto.ValidateStreamRequest.class,
      responseType = dev.assay.v1.ValidationServiceProto.ValidateStreamResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<dev.assay.v1.ValidationServiceProto.ValidateStreamRequest,
      dev.assay.v1.ValidationServiceProto.ValidateStreamResponse> getValidateStreamMethod() {
    io.grpc.MethodDescriptor<dev.assay.v1.ValidationServiceProto.ValidateStreamRequest, dev.assay.v1.ValidationServiceProto.ValidateStreamResponse> getValidateStreamMethod;
    if ((getValidateStreamMethod = ValidationServiceGrpc.getValidateStreamMethod) == null) {
      synchronized (ValidationServiceGrpc.class) {
        if ((getValidateStreamMethod = ValidationServiceGrpc.getValidateStreamMethod) == null) {
          ValidationServiceGrpc.getValidateStreamMethod = getValidateStreamMethod =
              io.grpc.MethodDescriptor.<dev.assay.v1.ValidationServiceProto.ValidateStreamRequest, dev.assay.v1.ValidationServiceProto.ValidateStreamResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ValidateStream"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.assay.v1.ValidationServiceProto.ValidateStreamRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.assay.v1.ValidationServiceProto.ValidateStreamResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ValidationServiceMethodDescriptorSupplier("ValidateStream"))
              .build();
        }
      }
    }
    return getValidateStreamMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static ValidationServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ValidationServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ValidationServiceStub>() {
        @java.lang.Override
        public ValidationServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ValidationServiceStub(channel, callOptions);
        }
      };
    return ValidationServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static ValidationServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ValidationServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ValidationServiceBlockingV2Stub>() {
        @java.lang.Override
        public ValidationServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ValidationServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return ValidationServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static ValidationServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ValidationServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ValidationServiceBlockingStub>() {
        @java.lang.Override
        public ValidationServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ValidationServiceBlockingStub(channel, callOptions);
        }
      };
    return ValidationServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static ValidationServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ValidationServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ValidationServiceFutureStub>() {
        @java.lang.Override
        public ValidationServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ValidationServiceFutureStub(channel, callOptions);
        }
      };
    return ValidationServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Tells whether events are well-formed, plausible and normal.
   * A bad event is an answer, not an error: it gets a verdict that is not valid. A call fails
   * with a status only for what is wrong with the call itself, its caller or the server; the
   * status then carries google.rpc.ErrorInfo with a reason from ErrorReason. An enum number that
   * the server does not know is wrong with the call.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Checks one event.
     * </pre>
     */
    default void validate(dev.assay.v1.ValidationServiceProto.ValidateRequest request,
        io.grpc.stub.StreamObserver<dev.assay.v1.ValidationServiceProto.ValidateResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getValidateMethod(), responseObserver);
    }

    /**
     * <pre>
     * Checks several events in one call. Events are independent of each other.
     * </pre>
     */
    default void validateBatch(dev.assay.v1.ValidationServiceProto.ValidateBatchRequest request,
        io.grpc.stub.StreamObserver<dev.assay.v1.ValidationServiceProto.ValidateBatchResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getValidateBatchMethod(), responseObserver);
    }

    /**
     * <pre>
     * Checks events as they come. Each request is answered by exactly one response, in the
     * order of the requests, and no event that can be decoded ends the stream, however bad.
     * Half-close to finish: the server answers all that it has received, then closes with OK.
     * A caller that stops reading is held back by flow control. A request that cannot be
     * decoded, has an unknown enum number, or holds more events than the server takes in one
     * message, ends the stream with INVALID_ARGUMENT after all before it are answered. A server that shuts down, or that
     * limits the life of a stream, answers what it has received and ends the stream with
     * UNAVAILABLE (DRAINING): send again, from the first unanswered sequence, on a new stream.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<dev.assay.v1.ValidationServiceProto.ValidateStreamRequest> validateStream(
        io.grpc.stub.StreamObserver<dev.assay.v1.ValidationServiceProto.ValidateStreamResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getValidateStreamMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service ValidationService.
   * <pre>
   * Tells whether events are well-formed, plausible and normal.
   * A bad event is an answer, not an error: it gets a verdict that is not valid. A call fails
   * with a status only for what is wrong with the call itself, its caller or the server; the
   * status then carries google.rpc.ErrorInfo with a reason from ErrorReason. An enum number that
   * the server does not know is wrong with the call.
   * </pre>
   */
  public static abstract class ValidationServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return ValidationServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service ValidationService.
   * <pre>
   * Tells whether events are well-formed, plausible and normal.
   * A bad event is an answer, not an error: it gets a verdict that is not valid. A call fails
   * with a status only for what is wrong with the call itself, its caller or the server; the
   * status then carries google.rpc.ErrorInfo with a reason from ErrorReason. An enum number that
   * the server does not know is wrong with the call.
   * </pre>
   */
  public static final class ValidationServiceStub
      extends io.grpc.stub.AbstractAsyncStub<ValidationServiceStub> {
    private ValidationServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ValidationServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ValidationServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Checks one event.
     * </pre>
     */
    public void validate(dev.assay.v1.ValidationServiceProto.ValidateRequest request,
        io.grpc.stub.StreamObserver<dev.assay.v1.ValidationServiceProto.ValidateResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getValidateMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Checks several events in one call. Events are independent of each other.
     * </pre>
     */
    public void validateBatch(dev.assay.v1.ValidationServiceProto.ValidateBatchRequest request,
        io.grpc.stub.StreamObserver<dev.assay.v1.ValidationServiceProto.ValidateBatchResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getValidateBatchMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Checks events as they come. Each request is answered by exactly one response, in the
     * order of the requests, and no event that can be decoded ends the stream, however bad.
     * Half-close to finish: the server answers all that it has received, then closes with OK.
     * A caller that stops reading is held back by flow control. A request that cannot be
     * decoded, has an unknown enum number, or holds more events than the server takes in one
     * message, ends the stream with INVALID_ARGUMENT after all before it are answered. A server that shuts down, or that
     * limits the life of a stream, answers what it has received and ends the stream with
     * UNAVAILABLE (DRAINING): send again, from the first unanswered sequence, on a new stream.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<dev.assay.v1.ValidationServiceProto.ValidateStreamRequest> validateStream(
        io.grpc.stub.StreamObserver<dev.assay.v1.ValidationServiceProto.ValidateStreamResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getValidateStreamMethod(), getCallOptions()), responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service ValidationService.
   * <pre>
   * Tells whether events are well-formed, plausible and normal.
   * A bad event is an answer, not an error: it gets a verdict that is not valid. A call fails
   * with a status only for what is wrong with the call itself, its caller or the server; the
   * status then carries google.rpc.ErrorInfo with a reason from ErrorReason. An enum number that
   * the server does not know is wrong with the call.
   * </pre>
   */
  public static final class ValidationServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<ValidationServiceBlockingV2Stub> {
    private ValidationServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ValidationServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ValidationServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Checks one event.
     * </pre>
     */
    public dev.assay.v1.ValidationServiceProto.ValidateResponse validate(dev.assay.v1.ValidationServiceProto.ValidateRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getValidateMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Checks several events in one call. Events are independent of each other.
     * </pre>
     */
    public dev.assay.v1.ValidationServiceProto.ValidateBatchResponse validateBatch(dev.assay.v1.ValidationServiceProto.ValidateBatchRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getValidateBatchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Checks events as they come. Each request is answered by exactly one response, in the
     * order of the requests, and no event that can be decoded ends the stream, however bad.
     * Half-close to finish: the server answers all that it has received, then closes with OK.
     * A caller that stops reading is held back by flow control. A request that cannot be
     * decoded, has an unknown enum number, or holds more events than the server takes in one
     * message, ends the stream with INVALID_ARGUMENT after all before it are answered. A server that shuts down, or that
     * limits the life of a stream, answers what it has received and ends the stream with
     * UNAVAILABLE (DRAINING): send again, from the first unanswered sequence, on a new stream.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<dev.assay.v1.ValidationServiceProto.ValidateStreamRequest, dev.assay.v1.ValidationServiceProto.ValidateStreamResponse>
        validateStream() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getValidateStreamMethod(), getCallOptions());
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service ValidationService.
   * <pre>
   * Tells whether events are well-formed, plausible and normal.
   * A bad event is an answer, not an error: it gets a verdict that is not valid. A call fails
   * with a status only for what is wrong with the call itself, its caller or the server; the
   * status then carries google.rpc.ErrorInfo with a reason from ErrorReason. An enum number that
   * the server does not know is wrong with the call.
   * </pre>
   */
  public static final class ValidationServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<ValidationServiceBlockingStub> {
    private ValidationServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ValidationServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ValidationServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Checks one event.
     * </pre>
     */
    public dev.assay.v1.ValidationServiceProto.ValidateResponse validate(dev.assay.v1.ValidationServiceProto.ValidateRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getValidateMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Checks several events in one call. Events are independent of each other.
     * </pre>
     */
    public dev.assay.v1.ValidationServiceProto.ValidateBatchResponse validateBatch(dev.assay.v1.ValidationServiceProto.ValidateBatchRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getValidateBatchMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service ValidationService.
   * <pre>
   * Tells whether events are well-formed, plausible and normal.
   * A bad event is an answer, not an error: it gets a verdict that is not valid. A call fails
   * with a status only for what is wrong with the call itself, its caller or the server; the
   * status then carries google.rpc.ErrorInfo with a reason from ErrorReason. An enum number that
   * the server does not know is wrong with the call.
   * </pre>
   */
  public static final class ValidationServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<ValidationServiceFutureStub> {
    private ValidationServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ValidationServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ValidationServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Checks one event.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.assay.v1.ValidationServiceProto.ValidateResponse> validate(
        dev.assay.v1.ValidationServiceProto.ValidateRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getValidateMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Checks several events in one call. Events are independent of each other.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.assay.v1.ValidationServiceProto.ValidateBatchResponse> validateBatch(
        dev.assay.v1.ValidationServiceProto.ValidateBatchRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getValidateBatchMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_VALIDATE = 0;
  private static final int METHODID_VALIDATE_BATCH = 1;
  private static final int METHODID_VALIDATE_STREAM = 2;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_VALIDATE:
          serviceImpl.validate((dev.assay.v1.ValidationServiceProto.ValidateRequest) request,
              (io.grpc.stub.StreamObserver<dev.assay.v1.ValidationServiceProto.ValidateResponse>) responseObserver);
          break;
        case METHODID_VALIDATE_BATCH:
          serviceImpl.validateBatch((dev.assay.v1.ValidationServiceProto.ValidateBatchRequest) request,
              (io.grpc.stub.StreamObserver<dev.assay.v1.ValidationServiceProto.ValidateBatchResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_VALIDATE_STREAM:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.validateStream(
              (io.grpc.stub.StreamObserver<dev.assay.v1.ValidationServiceProto.ValidateStreamResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getValidateMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.assay.v1.ValidationServiceProto.ValidateRequest,
              dev.assay.v1.ValidationServiceProto.ValidateResponse>(
                service, METHODID_VALIDATE)))
        .addMethod(
          getValidateBatchMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.assay.v1.ValidationServiceProto.ValidateBatchRequest,
              dev.assay.v1.ValidationServiceProto.ValidateBatchResponse>(
                service, METHODID_VALIDATE_BATCH)))
        .addMethod(
          getValidateStreamMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              dev.assay.v1.ValidationServiceProto.ValidateStreamRequest,
              dev.assay.v1.ValidationServiceProto.ValidateStreamResponse>(
                service, METHODID_VALIDATE_STREAM)))
        .build();
  }

  private static abstract class ValidationServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    ValidationServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.assay.v1.ValidationServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("ValidationService");
    }
  }

  private static final class ValidationServiceFileDescriptorSupplier
      extends ValidationServiceBaseDescriptorSupplier {
    ValidationServiceFileDescriptorSupplier() {}
  }

  private static final class ValidationServiceMethodDescriptorSupplier
      extends ValidationServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    ValidationServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (ValidationServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new ValidationServiceFileDescriptorSupplier())
              .addMethod(getValidateMethod())
              .addMethod(getValidateBatchMethod())
              .addMethod(getValidateStreamMethod())
              .build();
        }
      }
    }
    return result;
  }
}
