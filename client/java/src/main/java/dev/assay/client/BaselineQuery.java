package dev.assay.client;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Which baseline is meant: {@code BaselineQuery.of("flight.arrived", "statistics.three_sigma")
 * .withField("/air_time").withGroup(Map.of("carrier", "UA"))}.
 *
 * @param eventType for example {@code flight.arrived}
 * @param check the check's stable identifier
 * @param field the place it looks at, for example {@code /air_time}
 * @param group the group's values; empty if the check is ungrouped
 * @param at the time from which the check's window counts back; if empty, the present
 */
public record BaselineQuery(
    String eventType, String check, String field, Map<String, String> group, Optional<Instant> at) {

  /** Copies the group. */
  public BaselineQuery {
    Objects.requireNonNull(eventType, "eventType");
    Objects.requireNonNull(check, "check");
    Objects.requireNonNull(field, "field");
    Objects.requireNonNull(at, "at");
    group = Map.copyOf(group);
  }

  /** Asks for the baseline of an ungrouped check, as of the present. */
  public static BaselineQuery of(String eventType, String check) {
    return new BaselineQuery(eventType, check, "", Map.of(), Optional.empty());
  }

  /** Returns this query for the check at another place. */
  public BaselineQuery withField(String field) {
    return new BaselineQuery(eventType, check, field, group, at);
  }

  /** Returns this query for a group. */
  public BaselineQuery withGroup(Map<String, String> group) {
    return new BaselineQuery(eventType, check, field, group, at);
  }

  /** Returns this query as of another time. */
  public BaselineQuery withAt(Instant at) {
    return new BaselineQuery(eventType, check, field, group, Optional.of(at));
  }
}
