package dev.assay.client;

import java.util.Iterator;

/** The thread that reads a stream's events. */
final class StreamInput {
  /** How long whoever closes a stream waits for its input: enough, unless the input blocks. */
  private static final long LAST_WAIT_MILLIS = 100;

  private final Iterator<Event> events;
  private final AutoCloseable source;
  private final Events encoder;
  private Thread thread;

  /** Reads events, and closes their source at the end; the source may be null. */
  StreamInput(Iterator<Event> events, AutoCloseable source, Events encoder) {
    this.events = events;
    this.source = source;
    this.encoder = encoder;
  }

  /** Begins to read, if it has not begun; under the stream's lock. */
  void start(StreamCalls calls) {
    if (thread == null) {
      thread = new Thread(() -> read(calls), "assay-stream-input");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** Ends the reading as far as the input lets it be ended. */
  void stop() {
    if (thread == null) {
      closeSource(null);
      return;
    }
    if (thread == Thread.currentThread()) {
      return;
    }
    thread.interrupt();
    boolean interrupted = Thread.interrupted();
    try {
      thread.join(LAST_WAIT_MILLIS);
    } catch (InterruptedException again) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void read(StreamCalls calls) {
    Throwable error = null;
    try {
      long position = 0;
      boolean wanted = true;
      while (wanted && events.hasNext()) {
        wanted = calls.add(encoder.encode(events.next(), position++));
      }
    } catch (InterruptedException stopped) {
      error = null; // The stream is closed, and nobody waits for more.
    } catch (Throwable thrown) {
      error = thrown; // It is thrown again, in the caller's own thread.
    }
    calls.inputEnded(closeSource(error));
  }

  private Throwable closeSource(Throwable error) {
    try {
      if (source != null) {
        source.close();
      }
    } catch (Exception failed) {
      if (error == null) {
        return failed;
      }
      error.addSuppressed(failed);
    }
    return error;
  }
}
