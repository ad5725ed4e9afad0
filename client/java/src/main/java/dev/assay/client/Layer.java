package dev.assay.client;

/** The layers of checks, in the order in which they run. */
public final class Layer extends OpenEnum<Layer> {
  /** Not a layer. */
  public static final Layer UNSPECIFIED = new Layer(0, "UNSPECIFIED");

  /** The event around its payload: type, identifier, clock, size. */
  public static final Layer ENVELOPE = new Layer(1, "ENVELOPE");

  /** Types, constraints, defaults and transformations of the payload. */
  public static final Layer SCHEMA = new Layer(2, "SCHEMA");

  /** Rules across fields, and look-ups in reference data. */
  public static final Layer RULES = new Layer(3, "RULES");

  /** Comparison with history. */
  public static final Layer STATISTICS = new Layer(4, "STATISTICS");

  /** Models. */
  public static final Layer ANOMALY = new Layer(5, "ANOMALY");

  private static final Layer[] CONSTANTS = {
    UNSPECIFIED, ENVELOPE, SCHEMA, RULES, STATISTICS, ANOMALY
  };

  private Layer(int number, String name) {
    super(number, name);
  }

  /** Returns what stands for a number on the wire, whether or not this client knows it. */
  public static Layer of(int number) {
    Layer constant = find(CONSTANTS, number);
    return constant == null ? new Layer(number, "UNKNOWN_" + number) : constant;
  }
}
