package dev.assay.client;

import dev.assay.v1.VerdictProto;

/**
 * A check that could not run on the event, and why.
 *
 * @param check the check's stable identifier
 * @param field the place it looks at, as in {@link Finding#field}
 * @param reason why it could not run
 * @param message for people; not stable
 */
public record SkippedCheck(String check, String field, SkipReason reason, String message) {
  static SkippedCheck from(VerdictProto.SkippedCheck message) {
    return new SkippedCheck(
        message.getCheck(),
        message.getField(),
        SkipReason.of(message.getReasonValue()),
        message.getMessage());
  }
}
