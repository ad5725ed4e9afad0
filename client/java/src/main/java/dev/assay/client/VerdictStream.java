package dev.assay.client;

import dev.assay.v1.ValidationServiceProto.ValidateStreamResponse;
import dev.assay.v1.VerdictProto;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The verdicts on a stream of events, one for each, in their order.
 *
 * <pre>{@code
 * try (VerdictStream verdicts = client.validateStream(events)) {
 *   for (Verdict verdict : verdicts) {
 *     ...
 *   }
 * }
 * }</pre>
 *
 * <p>It can be gone through once, by one thread at a time; {@link #close} may come from any. It
 * begins when it is first asked for a verdict, and closes itself after the last one, and after an
 * exception.
 */
public final class VerdictStream implements Iterable<Verdict>, Iterator<Verdict>, AutoCloseable {
  private final StreamCalls calls;
  private List<VerdictProto.Verdict> taken = List.of();
  private int next;

  VerdictStream(StreamCalls calls) {
    this.calls = calls;
  }

  /**
   * Waits until there is another verdict, or there will be none.
   *
   * @throws EncodingException if an event cannot be sent; its position is in the exception
   * @throws CallException if the stream cannot be carried on, or was closed meanwhile
   */
  @Override
  public boolean hasNext() {
    if (next < taken.size()) {
      return true;
    }
    ValidateStreamResponse response = calls.next(taken.size());
    taken = response == null ? List.of() : response.getVerdictsList();
    next = 0;
    return response != null;
  }

  @Override
  public Verdict next() {
    if (!hasNext()) {
      throw new NoSuchElementException("there is a verdict for every event, and no more");
    }
    return new Verdict(taken.get(next++));
  }

  /** Returns this same object, for a loop. */
  @Override
  public Iterator<Verdict> iterator() {
    return this;
  }

  /** Returns the verdicts as a stream, which closes this one when it is closed. */
  public Stream<Verdict> stream() {
    int traits = Spliterator.ORDERED | Spliterator.NONNULL;
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, traits), false)
        .onClose(this::close);
  }

  /**
   * Ends the stream. The thread that reads the input is interrupted, and waited for, briefly: one
   * that does not heed it goes on until its input does.
   */
  @Override
  public void close() {
    calls.close();
  }
}
