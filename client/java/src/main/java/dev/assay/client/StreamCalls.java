package dev.assay.client;

import dev.assay.v1.EventProto;
import dev.assay.v1.ValidationServiceProto.ValidateStreamRequest;
import dev.assay.v1.ValidationServiceProto.ValidateStreamResponse;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The calls that one stream of events is sent on, one after the other for as long as they break.
 *
 * <p>Three threads work on one book, under one lock: the caller's own, which takes answers, begins
 * calls, and flushes what has waited long enough; one that reads the input, because an input that
 * blocks must not hold up answers; and the transport's, which never waits.
 */
final class StreamCalls {
  /** How many answers may be under way before one is taken; more are asked for as they are. */
  private static final int ANSWERS_AHEAD = 8;

  private final Supplier<ClientCall<ValidateStreamRequest, ValidateStreamResponse>> newCall;
  private final Consumer<StreamCalls> whenClosed;
  private final Book book;
  private final StreamInput input;

  final ReentrantLock lock = new ReentrantLock();
  private final Condition answersChanged = lock.newCondition();
  private final Condition roomChanged = lock.newCondition();
  private final Queue<ValidateStreamResponse> answers = new ArrayDeque<>();
  private Call call;
  private long resumeAt;
  private boolean waitsForDue;
  private Throwable inputError;
  private boolean closed;
  private boolean finished;
  private CallException reasonToClose;

  StreamCalls(
      Supplier<ClientCall<ValidateStreamRequest, ValidateStreamResponse>> newCall,
      Book book,
      StreamInput input,
      Consumer<StreamCalls> whenClosed) {
    this.newCall = newCall;
    this.book = book;
    this.input = input;
    this.whenClosed = whenClosed;
  }

  // The caller's thread.

  /** Returns the next answer, or null after the last; makes room for those taken before. */
  ValidateStreamResponse next(int released) {
    boolean done = true;
    try {
      ValidateStreamResponse response = await(released);
      done = response == null;
      return response;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw Failures.interrupted(interrupted);
    } finally {
      if (done) {
        close();
      }
    }
  }

  private ValidateStreamResponse await(int released) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (released > 0) {
        book.release(released);
        roomChanged.signal();
      }
      while (true) {
        if (closed) {
          if (reasonToClose != null || !finished) {
            throw reasonToClose != null ? reasonToClose : alreadyClosed();
          }
          return null;
        }
        input.start(this);
        ValidateStreamResponse response = answers.poll();
        if (response != null) {
          if (!call.ended) {
            call.call.request(1);
          }
          return response;
        }
        if (call != null && call.ended) {
          CallException error = call.error;
          call = null;
          resumeAt = System.nanoTime() + book.callEnded(error);
        } else if (call == null && !book.hasUnsent() && book.inputEnded()) {
          finished = true;
          rethrowInputError();
          return null;
        } else {
          advance();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Does what is due, or else waits until something changes. */
  private void advance() throws InterruptedException {
    long now = System.nanoTime();
    long wait = Long.MAX_VALUE;
    if (call == null && book.hasUnsent()) {
      wait = resumeAt - now;
      if (wait <= 0) {
        begin();
        return;
      }
    }
    if (book.isDue()) {
      if (book.due() - now <= 0) {
        book.flush();
        send();
        return;
      }
      wait = Math.min(wait, book.due() - now);
      waitsForDue = true;
    }
    if (wait == Long.MAX_VALUE) {
      answersChanged.await();
    } else {
      answersChanged.awaitNanos(wait);
    }
    waitsForDue = false;
  }

  private void begin() {
    book.beginCall();
    call = new Call(newCall.get());
    call.call.start(call, new Metadata());
    call.call.request(ANSWERS_AHEAD);
    send();
  }

  private void rethrowInputError() {
    if (inputError instanceof RuntimeException error) {
      throw error;
    }
    if (inputError instanceof Error error) {
      throw error;
    }
  }

  private static CallException alreadyClosed() {
    return new CallException(
        new CallException.Failure(Status.Code.CANCELLED, "the stream of verdicts is closed"), null);
  }

  // Any thread.

  /** Sends what there is, as far as the transport takes it. */
  private void send() {
    if (closed || call == null || call.ended || call.halfClosed) {
      return;
    }
    while (book.hasUnsent() && call.call.isReady()) {
      call.call.sendMessage(book.nextMessage());
    }
    if (book.inputEnded() && !book.hasUnsent()) {
      call.halfClosed = true;
      call.call.halfClose();
    }
  }

  /** Ends the stream, and everything that works on it. */
  void close() {
    close(null);
  }

  /** Ends the stream for a reason that the caller is to be told. */
  void close(CallException reason) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      reasonToClose = reason;
      answers.clear();
      if (call != null && !call.ended) {
        call.call.cancel("the stream of verdicts is closed", null);
      }
      answersChanged.signalAll();
      roomChanged.signalAll();
    } finally {
      lock.unlock();
    }
    input.stop();
    whenClosed.accept(this);
  }

  // The input's thread.

  /** Takes an event, and waits until there is room for another. Returns false if none is wanted. */
  boolean add(EventProto.Event event) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      boolean wasDue = book.isDue();
      boolean hasMessage = book.add(event, System.nanoTime());
      if (hasMessage) {
        send();
      }
      boolean becameDue = book.isDue() && !wasDue;
      if ((hasMessage && call == null) || (becameDue && !waitsForDue)) {
        answersChanged.signal();
      }
      while (!book.hasRoom() && !closed) {
        roomChanged.await();
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  /** Takes note that the input has ended, and of what it ended with, which may be null. */
  void inputEnded(Throwable error) {
    lock.lock();
    try {
      book.endInput();
      inputError = error;
      send();
      answersChanged.signal();
    } finally {
      lock.unlock();
    }
  }

  // The transport's thread.

  /** One call. What comes in after its end, or its stream's, is for nobody. */
  private final class Call extends ClientCall.Listener<ValidateStreamResponse> {
    private final ClientCall<ValidateStreamRequest, ValidateStreamResponse> call;
    private boolean halfClosed;
    private boolean ended;
    private CallException error;

    Call(ClientCall<ValidateStreamRequest, ValidateStreamResponse> call) {
      this.call = call;
    }

    @Override
    public void onReady() {
      lock.lock();
      try {
        if (isCurrent()) {
          send();
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void onMessage(ValidateStreamResponse response) {
      lock.lock();
      try {
        if (!isCurrent()) {
          return;
        }
        book.answer(response);
        answers.add(response);
        answersChanged.signal();
      } catch (InternalException broken) {
        end(broken);
        call.cancel("the server broke the contract", broken);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      lock.lock();
      try {
        if (isCurrent()) {
          end(status.isOk() ? null : Failures.exception(status, trailers));
        }
      } finally {
        lock.unlock();
      }
    }

    private void end(CallException cause) {
      ended = true;
      error = cause;
      answersChanged.signal();
    }

    private boolean isCurrent() {
      return !closed && !ended && StreamCalls.this.call == this;
    }
  }
}
