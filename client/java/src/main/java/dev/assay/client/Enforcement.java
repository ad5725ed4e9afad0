package dev.assay.client;

/** What follows from a finding. Ordered: a higher number is stricter. */
public final class Enforcement extends OpenEnum<Enforcement> {
  /** Not an enforcement; in options, the server's default. */
  public static final Enforcement UNSPECIFIED = new Enforcement(0, "UNSPECIFIED");

  /** Counted, and reported only to callers that ask: a check on trial. */
  public static final Enforcement AUDIT = new Enforcement(1, "AUDIT");

  /** Reported; the event stays valid. */
  public static final Enforcement WARN = new Enforcement(2, "WARN");

  /** Reported; the event is not valid. */
  public static final Enforcement REJECT = new Enforcement(3, "REJECT");

  private static final Enforcement[] CONSTANTS = {UNSPECIFIED, AUDIT, WARN, REJECT};

  private Enforcement(int number, String name) {
    super(number, name);
  }

  /** Returns what stands for a number on the wire, whether or not this client knows it. */
  public static Enforcement of(int number) {
    Enforcement constant = find(CONSTANTS, number);
    return constant == null ? new Enforcement(number, "UNKNOWN_" + number) : constant;
  }
}
