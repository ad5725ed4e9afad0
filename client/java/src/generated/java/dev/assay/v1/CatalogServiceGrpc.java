package dev.assay.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Tells which events the server knows, and what it expects of them.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class CatalogServiceGrpc {

  private CatalogServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "assay.v1.CatalogService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.assay.v1.CatalogServiceProto.ListEventTypesRequest,
      dev.assay.v1.CatalogServiceProto.ListEventTypesResponse> getListEventTypesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListEventTypes",
      requestType = dev.assay.v1.CatalogServiceProto.ListEventTypesRequest.class,
      responseType = dev.assay.v1.CatalogServiceProto.ListEventTypesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.assay.v1.CatalogServiceProto.ListEventTypesRequest,
      dev.assay.v1.CatalogServiceProto.ListEventTypesResponse> getListEventTypesMethod() {
    io.grpc.MethodDescriptor<dev.assay.v1.CatalogServiceProto.ListEventTypesRequest, dev.assay.v1.CatalogServiceProto.ListEventTypesResponse> getListEventTypesMethod;
    if ((getListEventTypesMethod = CatalogServiceGrpc.getListEventTypesMethod) == null) {
      synchronized (CatalogServiceGrpc.class) {
        if ((getListEventTypesMethod = CatalogServiceGrpc.getListEventTypesMethod) == null) {
          CatalogServiceGrpc.getListEventTypesMethod = getListEventTypesMethod =
              io.grpc.MethodDescriptor.<dev.assay.v1.CatalogServiceProto.ListEventTypesRequest, dev.assay.v1.CatalogServiceProto.ListEventTypesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListEventTypes"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.assay.v1.CatalogServiceProto.ListEventTypesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.assay.v1.CatalogServiceProto.ListEventTypesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CatalogServiceMethodDescriptorSupplier("ListEventTypes"))
              .build();
        }
      }
    }
    return getListEventTypesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.assay.v1.CatalogServiceProto.GetEventTypeRequest,
      dev.assay.v1.CatalogServiceProto.GetEventTypeResponse> getGetEventTypeMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetEventType",
      requestType = dev.assay.v1.CatalogServiceProto.GetEventTypeRequest.class,
      responseType = dev.assay.v1.CatalogServiceProto.GetEventTypeResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.assay.v1.CatalogServiceProto.GetEventTypeRequest,
      dev.assay.v1.CatalogServiceProto.GetEventTypeResponse> getGetEventTypeMethod() {
    io.grpc.MethodDescriptor<dev.assay.v1.CatalogServiceProto.GetEventTypeRequest, dev.assay.v1.CatalogServiceProto.GetEventTypeResponse> getGetEventTypeMethod;
    if ((getGetEventTypeMethod = CatalogServiceGrpc.getGetEventTypeMethod) == null) {
      synchronized (CatalogServiceGrpc.class) {
        if ((getGetEventTypeMethod = CatalogServiceGrpc.getGetEventTypeMethod) == null) {
          CatalogServiceGrpc.getGetEventTypeMethod = getGetEventTypeMethod =
              io.grpc.MethodDescriptor.<dev.assay.v1.CatalogServiceProto.GetEventTypeRequest, dev.assay.v1.CatalogServiceProto.GetEventTypeResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetEventType"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.assay.v1.CatalogServiceProto.GetEventTypeRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.assay.v1.CatalogServiceProto.GetEventTypeResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CatalogServiceMethodDescriptorSupplier("GetEventType"))
              .build();
        }
      }
    }
    return getGetEventTypeMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.assay.v1.CatalogServiceProto.GetBaselineRequest,
      dev.assay.v1.CatalogServiceProto.GetBaselineResponse> getGetBaselineMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetBaseline",
      requestType = dev.assay.v1.CatalogServiceProto.GetBaselineRequest.class,
      responseType = dev.assay.v1.CatalogServiceProto.GetBaselineResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.assay.v1.CatalogServiceProto.GetBaselineRequest,
      dev.assay.v1.CatalogServiceProto.GetBaselineResponse> getGetBaselineMethod() {
    io.grpc.MethodDescriptor<dev.assay.v1.CatalogServiceProto.GetBaselineRequest, dev.assay.v1.CatalogServiceProto.GetBaselineResponse> getGetBaselineMethod;
    if ((getGetBaselineMethod = CatalogServiceGrpc.getGetBaselineMethod) == null) {
      synchronized (CatalogServiceGrpc.class) {
        if ((getGetBaselineMethod = CatalogServiceGrpc.getGetBaselineMethod) == null) {
          CatalogServiceGrpc.getGetBaselineMethod = getGetBaselineMethod =
              io.grpc.MethodDescriptor.<dev.assay.v1.CatalogServiceProto.GetBaselineRequest, dev.assay.v1.CatalogServiceProto.GetBaselineResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetBaseline"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.assay.v1.CatalogServiceProto.GetBaselineRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.assay.v1.CatalogServiceProto.GetBaselineResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CatalogServiceMethodDescriptorSupplier("GetBaseline"))
              .build();
        }
      }
    }
    return getGetBaselineMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static CatalogServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceStub>() {
        @java.lang.Override
        public CatalogServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceStub(channel, callOptions);
        }
      };
    return CatalogServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static CatalogServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingV2Stub>() {
        @java.lang.Override
        public CatalogServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return CatalogServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static CatalogServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingStub>() {
        @java.lang.Override
        public CatalogServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceBlockingStub(channel, callOptions);
        }
      };
    return CatalogServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static CatalogServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceFutureStub>() {
        @java.lang.Override
        public CatalogServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceFutureStub(channel, callOptions);
        }
      };
    return CatalogServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Tells which events the server knows, and what it expects of them.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists the contracts in service: one entry a version, by event type, newest first.
     * </pre>
     */
    default void listEventTypes(dev.assay.v1.CatalogServiceProto.ListEventTypesRequest request,
        io.grpc.stub.StreamObserver<dev.assay.v1.CatalogServiceProto.ListEventTypesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListEventTypesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Describes one event type. NOT_FOUND if the server has no contract for it.
     * </pre>
     */
    default void getEventType(dev.assay.v1.CatalogServiceProto.GetEventTypeRequest request,
        io.grpc.stub.StreamObserver<dev.assay.v1.CatalogServiceProto.GetEventTypeResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetEventTypeMethod(), responseObserver);
    }

    /**
     * <pre>
     * Tells what history has taught about one field. NOT_FOUND if the event type or the
     * check is unknown; a group without history has a sample_count of 0.
     * </pre>
     */
    default void getBaseline(dev.assay.v1.CatalogServiceProto.GetBaselineRequest request,
        io.grpc.stub.StreamObserver<dev.assay.v1.CatalogServiceProto.GetBaselineResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetBaselineMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service CatalogService.
   * <pre>
   * Tells which events the server knows, and what it expects of them.
   * </pre>
   */
  public static abstract class CatalogServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return CatalogServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service CatalogService.
   * <pre>
   * Tells which events the server knows, and what it expects of them.
   * </pre>
   */
  public static final class CatalogServiceStub
      extends io.grpc.stub.AbstractAsyncStub<CatalogServiceStub> {
    private CatalogServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the contracts in service: one entry a version, by event type, newest first.
     * </pre>
     */
    public void listEventTypes(dev.assay.v1.CatalogServiceProto.ListEventTypesRequest request,
        io.grpc.stub.StreamObserver<dev.assay.v1.CatalogServiceProto.ListEventTypesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListEventTypesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Describes one event type. NOT_FOUND if the server has no contract for it.
     * </pre>
     */
    public void getEventType(dev.assay.v1.CatalogServiceProto.GetEventTypeRequest request,
        io.grpc.stub.StreamObserver<dev.assay.v1.CatalogServiceProto.GetEventTypeResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetEventTypeMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Tells what history has taught about one field. NOT_FOUND if the event type or the
     * check is unknown; a group without history has a sample_count of 0.
     * </pre>
     */
    public void getBaseline(dev.assay.v1.CatalogServiceProto.GetBaselineRequest request,
        io.grpc.stub.StreamObserver<dev.assay.v1.CatalogServiceProto.GetBaselineResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetBaselineMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service CatalogService.
   * <pre>
   * Tells which events the server knows, and what it expects of them.
   * </pre>
   */
  public static final class CatalogServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<CatalogServiceBlockingV2Stub> {
    private CatalogServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the contracts in service: one entry a version, by event type, newest first.
     * </pre>
     */
    public dev.assay.v1.CatalogServiceProto.ListEventTypesResponse listEventTypes(dev.assay.v1.CatalogServiceProto.ListEventTypesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListEventTypesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Describes one event type. NOT_FOUND if the server has no contract for it.
     * </pre>
     */
    public dev.assay.v1.CatalogServiceProto.GetEventTypeResponse getEventType(dev.assay.v1.CatalogServiceProto.GetEventTypeRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetEventTypeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells what history has taught about one field. NOT_FOUND if the event type or the
     * check is unknown; a group without history has a sample_count of 0.
     * </pre>
     */
    public dev.assay.v1.CatalogServiceProto.GetBaselineResponse getBaseline(dev.assay.v1.CatalogServiceProto.GetBaselineRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetBaselineMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service CatalogService.
   * <pre>
   * Tells which events the server knows, and what it expects of them.
   * </pre>
   */
  public static final class CatalogServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<CatalogServiceBlockingStub> {
    private CatalogServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the contracts in service: one entry a version, by event type, newest first.
     * </pre>
     */
    public dev.assay.v1.CatalogServiceProto.ListEventTypesResponse listEventTypes(dev.assay.v1.CatalogServiceProto.ListEventTypesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListEventTypesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Describes one event type. NOT_FOUND if the server has no contract for it.
     * </pre>
     */
    public dev.assay.v1.CatalogServiceProto.GetEventTypeResponse getEventType(dev.assay.v1.CatalogServiceProto.GetEventTypeRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetEventTypeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells what history has taught about one field. NOT_FOUND if the event type or the
     * check is unknown; a group without history has a sample_count of 0.
     * </pre>
     */
    public dev.assay.v1.CatalogServiceProto.GetBaselineResponse getBaseline(dev.assay.v1.CatalogServiceProto.GetBaselineRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetBaselineMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service CatalogService.
   * <pre>
   * Tells which events the server knows, and what it expects of them.
   * </pre>
   */
  public static final class CatalogServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<CatalogServiceFutureStub> {
    private CatalogServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the contracts in service: one entry a version, by event type, newest first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.assay.v1.CatalogServiceProto.ListEventTypesResponse> listEventTypes(
        dev.assay.v1.CatalogServiceProto.ListEventTypesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListEventTypesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Describes one event type. NOT_FOUND if the server has no contract for it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.assay.v1.CatalogServiceProto.GetEventTypeResponse> getEventType(
        dev.assay.v1.CatalogServiceProto.GetEventTypeRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetEventTypeMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Tells what history has taught about one field. NOT_FOUND if the event type or the
     * check is unknown; a group without history has a sample_count of 0.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.assay.v1.CatalogServiceProto.GetBaselineResponse> getBaseline(
        dev.assay.v1.CatalogServiceProto.GetBaselineRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetBaselineMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_EVENT_TYPES = 0;
  private static final int METHODID_GET_EVENT_TYPE = 1;
  private static final int METHODID_GET_BASELINE = 2;

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
        case METHODID_LIST_EVENT_TYPES:
          serviceImpl.listEventTypes((dev.assay.v1.CatalogServiceProto.ListEventTypesRequest) request,
              (io.grpc.stub.StreamObserver<dev.assay.v1.CatalogServiceProto.ListEventTypesResponse>) responseObserver);
          break;
        case METHODID_GET_EVENT_TYPE:
          serviceImpl.getEventType((dev.assay.v1.CatalogServiceProto.GetEventTypeRequest) request,
              (io.grpc.stub.StreamObserver<dev.assay.v1.CatalogServiceProto.GetEventTypeResponse>) responseObserver);
          break;
        case METHODID_GET_BASELINE:
          serviceImpl.getBaseline((dev.assay.v1.CatalogServiceProto.GetBaselineRequest) request,
              (io.grpc.stub.StreamObserver<dev.assay.v1.CatalogServiceProto.GetBaselineResponse>) responseObserver);
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
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getListEventTypesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.assay.v1.CatalogServiceProto.ListEventTypesRequest,
              dev.assay.v1.CatalogServiceProto.ListEventTypesResponse>(
                service, METHODID_LIST_EVENT_TYPES)))
        .addMethod(
          getGetEventTypeMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.assay.v1.CatalogServiceProto.GetEventTypeRequest,
              dev.assay.v1.CatalogServiceProto.GetEventTypeResponse>(
                service, METHODID_GET_EVENT_TYPE)))
        .addMethod(
          getGetBaselineMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.assay.v1.CatalogServiceProto.GetBaselineRequest,
              dev.assay.v1.CatalogServiceProto.GetBaselineResponse>(
                service, METHODID_GET_BASELINE)))
        .build();
  }

  private static abstract class CatalogServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    CatalogServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.assay.v1.CatalogServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("CatalogService");
    }
  }

  private static final class CatalogServiceFileDescriptorSupplier
      extends CatalogServiceBaseDescriptorSupplier {
    CatalogServiceFileDescriptorSupplier() {}
  }

  private static final class CatalogServiceMethodDescriptorSupplier
      extends CatalogServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    CatalogServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (CatalogServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new CatalogServiceFileDescriptorSupplier())
              .addMethod(getListEventTypesMethod())
              .addMethod(getGetEventTypeMethod())
              .addMethod(getGetBaselineMethod())
              .build();
        }
      }
    }
    return result;
  }
}
