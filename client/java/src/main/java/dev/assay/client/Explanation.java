package dev.assay.client;

import dev.assay.v1.VerdictProto;
import java.util.Optional;

/**
 * What a statistical or anomaly check saw, whether or not it found anything.
 *
 * @param check the check's stable identifier
 * @param field the place it looks at, as in {@link Finding#field}
 * @param evidence empty if it is of a kind that this client does not know
 */
public record Explanation(String check, String field, Optional<Evidence> evidence) {
  static Explanation from(VerdictProto.Explanation message) {
    return new Explanation(
        message.getCheck(), message.getField(), Evidence.from(message.getEvidence()));
  }
}
