package dev.assay.client;

import dev.assay.v1.CatalogServiceProto;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What history has taught about one field.
 *
 * @param sampleCount how many values were learned from, within the check's window
 * @param mean their mean
 * @param standardDeviation their sample standard deviation
 * @param minimum the least of them; 0 for a field marked sensitive
 * @param maximum the greatest of them; 0 for a field marked sensitive
 * @param quantiles by ascending rank; empty for a field marked sensitive
 * @param categories for a check of categories, most frequent first
 * @param updatedAt when the newest value happened; empty if there is none, or none had a time
 */
public record Baseline(
    long sampleCount,
    double mean,
    double standardDeviation,
    double minimum,
    double maximum,
    List<Quantile> quantiles,
    List<Category> categories,
    Optional<Instant> updatedAt) {

  /**
   * One quantile of a distribution.
   *
   * @param rank 0 to 1
   * @param value the value at that rank
   */
  public record Quantile(double rank, double value) {}

  /**
   * How often a category was seen.
   *
   * @param value the category
   * @param count how often
   */
  public record Category(String value, long count) {}

  static Baseline from(CatalogServiceProto.GetBaselineResponse message) {
    return new Baseline(
        message.getSampleCount(),
        message.getMean(),
        message.getStandardDeviation(),
        message.getMinimum(),
        message.getMaximum(),
        message.getQuantilesList().stream()
            .map(each -> new Quantile(each.getRank(), each.getValue()))
            .toList(),
        message.getCategoriesList().stream()
            .map(each -> new Category(each.getValue(), each.getCount()))
            .toList(),
        message.hasUpdatedAt()
            ? Optional.of(Events.instant(message.getUpdatedAt()))
            : Optional.empty());
  }
}
