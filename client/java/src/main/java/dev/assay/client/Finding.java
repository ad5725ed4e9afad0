package dev.assay.client;

import dev.assay.v1.VerdictProto;
import java.util.Optional;

/**
 * One thing that a check found.
 *
 * @param check the check's stable identifier: programs match on it
 * @param layer the layer the check belongs to
 * @param enforcement what the contract says follows
 * @param field a JSON Pointer (RFC 6901) into the payload, "@" and a name for a derived value, or
 *     empty for the event as a whole
 * @param message for people; not stable
 * @param evidence the numbers behind it; empty for layers that have none to show
 * @param skipReason set if the finding is that a required check could not run
 */
public record Finding(
    String check,
    Layer layer,
    Enforcement enforcement,
    String field,
    String message,
    Optional<Evidence> evidence,
    Optional<SkipReason> skipReason) {

  static Finding from(VerdictProto.Finding message) {
    int skipped = message.getSkipReasonValue();
    return new Finding(
        message.getCheck(),
        Layer.of(message.getLayerValue()),
        Enforcement.of(message.getEnforcementValue()),
        message.getField(),
        message.getMessage(),
        Evidence.from(message.getEvidence()),
        skipped == 0 ? Optional.empty() : Optional.of(SkipReason.of(skipped)));
  }
}
