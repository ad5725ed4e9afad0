package dev.assay.client;

import dev.assay.v1.CatalogServiceProto;
import java.util.Optional;

/**
 * One check of a contract.
 *
 * @param check its stable identifier
 * @param layer the layer it belongs to
 * @param enforcement what follows from its findings
 * @param field the place it looks at, as in {@link Finding#field}
 * @param description what it checks, in a sentence
 * @param notReady why it cannot run: no group has enough history, or no model is active; empty if
 *     it can
 */
public record CheckDescription(
    String check,
    Layer layer,
    Enforcement enforcement,
    String field,
    String description,
    Optional<SkipReason> notReady) {

  static CheckDescription from(CatalogServiceProto.CheckDescription message) {
    int notReady = message.getNotReadyValue();
    return new CheckDescription(
        message.getCheck(),
        Layer.of(message.getLayerValue()),
        Enforcement.of(message.getEnforcementValue()),
        message.getField(),
        message.getDescription(),
        notReady == 0 ? Optional.empty() : Optional.of(SkipReason.of(notReady)));
  }
}
