package dev.assay.client;

/** Why a check could not run. */
public final class SkipReason extends OpenEnum<SkipReason> {
  /** Not a reason. */
  public static final SkipReason UNSPECIFIED = new SkipReason(0, "UNSPECIFIED");

  /** History is still too short for the check's minimum. */
  public static final SkipReason WARMING_UP = new SkipReason(1, "WARMING_UP");

  /** The event lacks an optional field that the check needs. */
  public static final SkipReason INPUT_MISSING = new SkipReason(2, "INPUT_MISSING");

  /** No model has been trained or activated for the check. */
  public static final SkipReason NO_MODEL = new SkipReason(3, "NO_MODEL");

  /** The check itself, or something it depends on, failed, timed out or could not be reached. */
  public static final SkipReason UNAVAILABLE = new SkipReason(4, "UNAVAILABLE");

  /** The event's group is new, and the server holds as many groups as it may. */
  public static final SkipReason GROUP_LIMIT = new SkipReason(5, "GROUP_LIMIT");

  /** The active model was trained for other features than the contract now has. */
  public static final SkipReason MODEL_MISMATCH = new SkipReason(6, "MODEL_MISMATCH");

  private static final SkipReason[] CONSTANTS = {
    UNSPECIFIED, WARMING_UP, INPUT_MISSING, NO_MODEL, UNAVAILABLE, GROUP_LIMIT, MODEL_MISMATCH
  };

  private SkipReason(int number, String name) {
    super(number, name);
  }

  /** Returns what stands for a number on the wire, whether or not this client knows it. */
  public static SkipReason of(int number) {
    SkipReason constant = find(CONSTANTS, number);
    return constant == null ? new SkipReason(number, "UNKNOWN_" + number) : constant;
  }
}
