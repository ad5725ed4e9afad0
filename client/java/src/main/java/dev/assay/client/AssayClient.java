package dev.assay.client;

import dev.assay.v1.CatalogServiceGrpc;
import dev.assay.v1.CatalogServiceProto.GetBaselineRequest;
import dev.assay.v1.CatalogServiceProto.GetEventTypeRequest;
import dev.assay.v1.CatalogServiceProto.ListEventTypesRequest;
import dev.assay.v1.CatalogServiceProto.ListEventTypesResponse;
import dev.assay.v1.EventProto;
import dev.assay.v1.ValidationServiceGrpc;
import dev.assay.v1.ValidationServiceProto;
import dev.assay.v1.ValidationServiceProto.ValidateBatchRequest;
import dev.assay.v1.ValidationServiceProto.ValidateBatchResponse;
import dev.assay.v1.ValidationServiceProto.ValidateRequest;
import io.grpc.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Asks an Assay server about events. Threads may share a client; close it when all of them are
 * done.
 *
 * <pre>{@code
 * try (AssayClient client = AssayClient.builder("localhost:50051").build()) {
 *   Verdict verdict = client.validate(Event.of("user.registered", Map.of("name", "Ada")));
 *   if (!verdict.valid()) {
 *     verdict.findings().forEach(System.out::println);
 *   }
 * }
 * }</pre>
 *
 * <p>That an event is not valid is an answer. Every method throws an {@link EncodingException} if
 * an event cannot be sent, and a {@link CallException} if there is no answer.
 *
 * <p>What is tried again without being asked: a call that got UNAVAILABLE, up to four times within
 * its timeout; and a stream that breaks off, as {@link StreamTuning} says, also where the server
 * asks to wait. Any other call that is turned away because the server is busy fails with an {@link
 * OverloadedException}: whether to wait for its delay is the caller's to know.
 */
public final class AssayClient implements AutoCloseable {
  private static final int MAX_BATCH_EVENTS = 1_000;
  private static final int MAX_BATCH_BYTES = 1 << 20;

  private final Connection connection;
  private final Events events;
  private final Duration timeout;
  private final Set<StreamCalls> streams = ConcurrentHashMap.newKeySet();

  AssayClient(Connection connection, Events events, Duration timeout) {
    this.connection = connection;
    this.events = events;
    this.timeout = timeout;
  }

  /**
   * Begins to make a client.
   *
   * @param addresses where the server is: "host:port"; "dns:///host:port", which spreads calls over
   *     all addresses of the name, as the former does; "unix:///run/assay.sock"; or several times
   *     "host:port"
   */
  public static AssayClientBuilder builder(String... addresses) {
    return new AssayClientBuilder(List.of(addresses));
  }

  /** Checks one event. */
  public Verdict validate(Event event) {
    return validate(event, ValidateOptions.defaults());
  }

  /** Checks one event. */
  public Verdict validate(Event event, ValidateOptions options) {
    Deadline deadline = deadline(options);
    var response =
        connection.call(
            ValidationServiceGrpc.getValidateMethod(), request(event, options), deadline);
    return new Verdict(response.getVerdict());
  }

  /** Checks one event, the verdict on which comes in its own time. */
  public CompletableFuture<Verdict> validateAsync(Event event) {
    return validateAsync(event, ValidateOptions.defaults());
  }

  /**
   * Checks one event, the verdict on which comes in its own time. Cancelling the future cancels the
   * call; what the methods of this class throw, it fails with.
   */
  public CompletableFuture<Verdict> validateAsync(Event event, ValidateOptions options) {
    try {
      return connection.callAsync(
          ValidationServiceGrpc.getValidateMethod(),
          request(event, options),
          deadline(options),
          response -> new Verdict(response.getVerdict()));
    } catch (AssayException error) {
      return CompletableFuture.failedFuture(error);
    }
  }

  /** Checks several events: the n-th verdict answers the n-th event. */
  public List<Verdict> validateBatch(List<Event> batch) {
    return validateBatch(batch, ValidateOptions.defaults());
  }

  /**
   * Checks several events: the n-th verdict answers the n-th event.
   *
   * <p>More than a thousand events, or a mebibyte, go as several calls one after the other, all
   * within one timeout. No event is sent before all are written; for more than fit in memory there
   * is {@link #validateStream}.
   */
  public List<Verdict> validateBatch(List<Event> batch, ValidateOptions options) {
    List<ValidateBatchRequest> requests = requests(batch, options);
    Deadline deadline = deadline(options);
    List<Verdict> verdicts = new ArrayList<>(batch.size());
    for (ValidateBatchRequest request : requests) {
      ValidateBatchResponse response =
          connection.call(ValidationServiceGrpc.getValidateBatchMethod(), request, deadline);
      response.getVerdictsList().forEach(verdict -> verdicts.add(new Verdict(verdict)));
    }
    return verdicts;
  }

  /** Checks events as they come, as the method of all parameters does. */
  public VerdictStream validateStream(Iterable<Event> input) {
    return validateStream(input.iterator());
  }

  /** Checks events as they come, as the method of all parameters does; closes the input. */
  public VerdictStream validateStream(Stream<Event> input) {
    return open(input.iterator(), input, ValidateOptions.defaults(), StreamTuning.defaults());
  }

  /** Checks events as they come, as the method of all parameters does. */
  public VerdictStream validateStream(Iterator<Event> input) {
    return validateStream(input, ValidateOptions.defaults(), StreamTuning.defaults());
  }

  /**
   * Checks events as they come: one verdict for each, in their order, for as long as there are
   * events.
   *
   * <p>Events are gathered into messages, each sent when it is full or when its first event has
   * waited for {@link StreamTuning#maxDelay}. When the server drains or dies, the stream is carried
   * on with another one, or with the same one once it is back, from the first event without an
   * answer. (Such an event may have been judged twice, and where a contract learns from live
   * events, learned from twice; it is answered once.)
   *
   * <p>The input is read in a thread of its own, at most {@link StreamTuning#lookAhead} events
   * ahead of the verdicts taken. If reading it throws, or an event cannot be sent, the verdicts of
   * all events before come first, then the exception.
   *
   * @throws IllegalArgumentException if the options have a timeout
   */
  public VerdictStream validateStream(
      Iterator<Event> input, ValidateOptions options, StreamTuning tuning) {
    return open(input, null, options, tuning);
  }

  private VerdictStream open(
      Iterator<Event> input, AutoCloseable source, ValidateOptions options, StreamTuning tuning) {
    if (options.timeout().isPresent()) {
      throw new IllegalArgumentException("a stream has no timeout: close it when it is enough");
    }
    StreamCalls calls =
        new StreamCalls(
            connection::newStream,
            new Book(tuning, options.message()),
            new StreamInput(input, source, events),
            streams::remove);
    streams.add(calls);
    if (connection.isClosed()) {
      calls.close(Failures.closed());
    }
    return new VerdictStream(calls);
  }

  /** Lists the contracts in service, without their details: by event type, newest version first. */
  public List<EventType> listEventTypes() {
    return listEventTypes(timeout);
  }

  /** Lists the contracts in service; each page of the list may take so long. */
  public List<EventType> listEventTypes(Duration timeout) {
    List<EventType> found = new ArrayList<>();
    String pageToken = "";
    do {
      ListEventTypesResponse page =
          connection.call(
              CatalogServiceGrpc.getListEventTypesMethod(),
              ListEventTypesRequest.newBuilder().setPageToken(pageToken).build(),
              Connection.deadline(timeout));
      page.getEventTypesList().forEach(each -> found.add(EventType.from(each)));
      pageToken = page.getNextPageToken();
    } while (!pageToken.isEmpty());
    return found;
  }

  /** Describes the newest contract of one event type: its schema, its checks, examples. */
  public EventType getEventType(String eventType) {
    return getEventType(eventType, "");
  }

  /** Describes one version of the contract of an event type, as in {@link Event}. */
  public EventType getEventType(String eventType, String contractVersion) {
    return getEventType(eventType, contractVersion, timeout);
  }

  /** Describes one version of the contract of an event type; the call may take so long. */
  public EventType getEventType(String eventType, String contractVersion, Duration timeout) {
    GetEventTypeRequest request =
        GetEventTypeRequest.newBuilder()
            .setEventType(eventType)
            .setContractVersion(contractVersion)
            .build();
    var response =
        connection.call(
            CatalogServiceGrpc.getGetEventTypeMethod(), request, Connection.deadline(timeout));
    return EventType.from(response.getEventType());
  }

  /** Tells what history has taught about one field. */
  public Baseline getBaseline(BaselineQuery query) {
    return getBaseline(query, timeout);
  }

  /** Tells what history has taught about one field; the call may take so long. */
  public Baseline getBaseline(BaselineQuery query, Duration timeout) {
    GetBaselineRequest.Builder request =
        GetBaselineRequest.newBuilder()
            .setEventType(query.eventType())
            .setCheck(query.check())
            .setField(query.field())
            .putAllGroup(query.group());
    query.at().ifPresent(at -> request.setAt(Events.timestamp(at)));
    return Baseline.from(
        connection.call(
            CatalogServiceGrpc.getGetBaselineMethod(),
            request.build(),
            Connection.deadline(timeout)));
  }

  /** Closes the connections. Calls and streams that are under way end with an exception. */
  @Override
  public void close() {
    connection.close();
    streams.forEach(stream -> stream.close(Failures.closed()));
  }

  private Deadline deadline(ValidateOptions options) {
    return Connection.deadline(options.timeout().orElse(timeout));
  }

  private ValidateRequest request(Event event, ValidateOptions options) {
    ValidateRequest.Builder request = ValidateRequest.newBuilder().setEvent(events.encode(event));
    if (options.message() != null) {
      request.setOptions(options.message());
    }
    return request.build();
  }

  private List<ValidateBatchRequest> requests(List<Event> batch, ValidateOptions options) {
    Gatherer gatherer = new Gatherer(MAX_BATCH_EVENTS, MAX_BATCH_BYTES);
    List<ValidateBatchRequest> requests = new ArrayList<>();
    long position = 0;
    for (Event each : batch) {
      EventProto.Event event = events.encode(each, position++);
      if (gatherer.isTooMuch(event)) {
        requests.add(request(gatherer.flush(), options.message()));
      }
      if (gatherer.add(event)) {
        requests.add(request(gatherer.flush(), options.message()));
      }
    }
    if (!gatherer.isEmpty()) {
      requests.add(request(gatherer.flush(), options.message()));
    }
    return requests;
  }

  private static ValidateBatchRequest request(
      List<EventProto.Event> events, ValidationServiceProto.ValidateOptions options) {
    ValidateBatchRequest.Builder request = ValidateBatchRequest.newBuilder().addAllEvents(events);
    if (options != null) {
      request.setOptions(options);
    }
    return request.build();
  }
}
