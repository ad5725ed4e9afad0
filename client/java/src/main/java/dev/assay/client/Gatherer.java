package dev.assay.client;

import dev.assay.v1.EventProto;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers events, in their order, into messages of at most so many events and about so many bytes.
 * Only an event that is larger by itself makes a message that is.
 */
final class Gatherer {
  private static final int FRAMING = 4;

  private final int maxEvents;
  private final int maxBytes;
  private List<EventProto.Event> gathered = new ArrayList<>();
  private long bytes;

  Gatherer(int maxEvents, int maxBytes) {
    this.maxEvents = maxEvents;
    this.maxBytes = maxBytes;
  }

  boolean isEmpty() {
    return gathered.isEmpty();
  }

  /** How many bytes the gathered events take, about. */
  long bytes() {
    return bytes;
  }

  /** Whether an event has to wait for the next message. */
  boolean isTooMuch(EventProto.Event event) {
    return !gathered.isEmpty() && bytes + size(event) > maxBytes;
  }

  /** Takes an event, and returns whether the message is full. */
  boolean add(EventProto.Event event) {
    gathered.add(event);
    bytes += size(event);
    return gathered.size() >= maxEvents || bytes >= maxBytes;
  }

  /** Returns what is gathered, and begins anew. */
  List<EventProto.Event> flush() {
    List<EventProto.Event> message = gathered;
    gathered = new ArrayList<>(message.size());
    bytes = 0;
    return message;
  }

  private static int size(EventProto.Event event) {
    return event.getSerializedSize() + FRAMING; // Computed once: it is kept for the sending.
  }
}
