package dev.assay.client;

import dev.assay.v1.CatalogServiceProto;
import java.util.List;

/**
 * An event type and its contract. A list of event types comes without the last three.
 *
 * @param eventType for example {@code flight.arrived}
 * @param contractVersion as in {@link Verdict#contractVersion}
 * @param description what the event means, in its author's words
 * @param jsonSchema the payload's schema, as JSON Schema 2020-12 text
 * @param checks every check beyond the schema, in the order in which they run
 * @param examples events that the contract accepts
 */
public record EventType(
    String eventType,
    String contractVersion,
    String description,
    String jsonSchema,
    List<CheckDescription> checks,
    List<Event> examples) {

  static EventType from(CatalogServiceProto.EventType message) {
    return new EventType(
        message.getEventType(),
        message.getContractVersion(),
        message.getDescription(),
        message.getJsonSchema(),
        message.getChecksList().stream().map(CheckDescription::from).toList(),
        message.getExamplesList().stream().map(Event::from).toList());
  }
}
