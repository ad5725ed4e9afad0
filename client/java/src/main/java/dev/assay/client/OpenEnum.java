package dev.assay.client;

/**
 * A number that the contract names, open to those that it will name later: an unknown number, from
 * a newer server, is kept as it is; it is never an error, and never another constant.
 *
 * <p>Compare with {@code equals}.
 *
 * @param <T> the kind of number
 */
public abstract class OpenEnum<T extends OpenEnum<T>> implements Comparable<T> {
  private final int number;
  private final String name;

  OpenEnum(int number, String name) {
    this.number = number;
    this.name = name;
  }

  static <T> T find(T[] constants, int number) {
    return number >= 0 && number < constants.length ? constants[number] : null;
  }

  /** The number on the wire. */
  public final int number() {
    return number;
  }

  /** The contract's name without its prefix; {@code UNKNOWN_} and the number if it has none. */
  public final String name() {
    return name;
  }

  /** Whether this client knows what the number means. UNSPECIFIED means nothing. */
  public final boolean isKnown() {
    return number != 0 && !name.startsWith("UNKNOWN_");
  }

  @Override
  public final int compareTo(T other) {
    OpenEnum<?> that = other;
    return Integer.compare(number, that.number);
  }

  @Override
  public final boolean equals(Object other) {
    return other != null
        && other.getClass() == getClass()
        && ((OpenEnum<?>) other).number == number;
  }

  @Override
  public final int hashCode() {
    return number;
  }

  @Override
  public final String toString() {
    return name;
  }
}
