package dev.assay.client.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Which threads there are. */
final class Threads {
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(15);

  private Threads() {}

  /**
   * Waits for the threads that are not named to end, and returns the names of those that do not.
   *
   * <p>gRPC keeps the threads that all clients share for a second after the last one is closed.
   */
  static List<String> settled(List<String> named) {
    long deadline = System.nanoTime() + PATIENCE;
    List<String> others = new ArrayList<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (isOfTheMachine(thread) || named.contains(thread.getName())) {
        continue;
      }
      try {
        TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadline - System.nanoTime()));
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      if (thread.isAlive()) {
        others.add(thread.getName());
      }
    }
    return others;
  }

  /** Whether a thread belongs to Java itself, which starts some when it pleases. */
  private static boolean isOfTheMachine(Thread thread) {
    ThreadGroup group = thread.getThreadGroup();
    return thread == Thread.currentThread()
        || group == null
        || group.getName().equals("system")
        || group.getName().equals("InnocuousThreadGroup")
        || thread.getName().startsWith("ForkJoinPool.commonPool-")
        || thread.getName().equals("DestroyJavaVM");
  }
}
