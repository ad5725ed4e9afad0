package dev.assay.client;

/** An event is not valid; thrown by {@link Verdict#orElseThrow} only. */
public final class InvalidEventException extends AssayException {
  private final Verdict verdict;

  InvalidEventException(Verdict verdict) {
    super(describe(verdict), null);
    this.verdict = verdict;
  }

  /** The whole answer. */
  public Verdict verdict() {
    return verdict;
  }

  private static String describe(Verdict verdict) {
    StringBuilder text = new StringBuilder("event ");
    if (!verdict.eventId().isEmpty()) {
      text.append('"').append(verdict.eventId()).append("\" ");
    }
    text.append("is not valid");
    for (Finding finding : verdict.findings()) {
      text.append("\n  ")
          .append(finding.field().isEmpty() ? "(event)" : finding.field())
          .append(": ")
          .append(finding.message())
          .append(" [")
          .append(finding.check())
          .append(']');
    }
    return text.toString();
  }
}
