package dev.assay.client;

import dev.assay.v1.VerdictProto;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** The numbers behind a finding. Further kinds may come. */
public interface Evidence {
  /**
   * How a number compares with its history.
   *
   * @param observed the number; empty for a field marked sensitive
   * @param expected what history leads one to expect
   * @param deviation in the check's own unit, standard deviations for a sigma check; infinite where
   *     all of history is one value and this is another
   * @param lower the lowest value that the check accepts
   * @param upper the highest value that the check accepts
   * @param sampleCount how many past values this rests on
   * @param group the group whose history was used; empty if ungrouped
   */
  record Statistical(
      OptionalDouble observed,
      double expected,
      double deviation,
      double lower,
      double upper,
      long sampleCount,
      Map<String, String> group)
      implements Evidence {}

  /**
   * How a category compares with its history.
   *
   * @param observed the category
   * @param count how often it was seen
   * @param sampleCount among how many values
   * @param group the group whose history was used; empty if ungrouped
   */
  record Categorical(String observed, long count, long sampleCount, Map<String, String> group)
      implements Evidence {}

  /**
   * What a model made of an event.
   *
   * @param score a higher one is more anomalous
   * @param threshold the score from which the check reports a finding
   * @param percentile the share of training events with a lower score, 0 to 1
   * @param modelVersion which model scored it
   * @param typicalScore the score of a typical training event
   * @param contributions what each feature added, largest amount first
   */
  record Anomaly(
      double score,
      double threshold,
      double percentile,
      String modelVersion,
      double typicalScore,
      List<Contribution> contributions)
      implements Evidence {}

  /**
   * What one feature added to an anomaly score.
   *
   * @param feature the feature's name
   * @param value its value for this event; empty for a field marked sensitive
   * @param amount how much of the score it accounts for
   */
  record Contribution(String feature, OptionalDouble value, double amount) {
    private static Contribution from(VerdictProto.Contribution message) {
      return new Contribution(
          message.getFeature(),
          optional(message.hasValue(), message.getValue()),
          message.getAmount());
    }
  }

  /** Returns what a message says; empty if it is of a kind that this client does not know. */
  static Optional<Evidence> from(VerdictProto.Evidence message) {
    return switch (message.getKindCase()) {
      case STATISTICAL -> Optional.of(statistical(message.getStatistical()));
      case CATEGORICAL -> Optional.of(categorical(message.getCategorical()));
      case ANOMALY -> Optional.of(anomaly(message.getAnomaly()));
      case KIND_NOT_SET -> Optional.empty();
    };
  }

  private static Statistical statistical(VerdictProto.StatisticalEvidence message) {
    return new Statistical(
        optional(message.hasObserved(), message.getObserved()),
        message.getExpected(),
        message.getDeviation(),
        message.getLower(),
        message.getUpper(),
        message.getSampleCount(),
        Map.copyOf(message.getGroupMap()));
  }

  private static Categorical categorical(VerdictProto.CategoricalEvidence message) {
    return new Categorical(
        message.getObserved(),
        message.getCount(),
        message.getSampleCount(),
        Map.copyOf(message.getGroupMap()));
  }

  private static Anomaly anomaly(VerdictProto.AnomalyEvidence message) {
    return new Anomaly(
        message.getScore(),
        message.getThreshold(),
        message.getPercentile(),
        message.getModelVersion(),
        message.getTypicalScore(),
        message.getContributionsList().stream().map(Contribution::from).toList());
  }

  private static OptionalDouble optional(boolean present, double value) {
    return present ? OptionalDouble.of(value) : OptionalDouble.empty();
  }
}
