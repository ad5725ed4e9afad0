package dev.assay.client.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Which threads there are. */
final class Threads {
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(15);

  private static final String SHARED =
      "DestroyJavaVM|(ForkJoinPool\\.commonPool|grpc-default-executor|grpc-shared-destroyer"
          + "|globalEventExecutor)-.*";

  private Threads() {}

  /**
   * Waits for the threads that were not there before to end, and returns the names of those that do
   * not.
   */
  static List<String> leftSince(Set<Thread> before) {
    long deadline = System.nanoTime() + PATIENCE;
    List<String> others = new ArrayList<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (isOfTheMachine(thread) || before.contains(thread)) {
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

  /** Whether a thread belongs to nobody, but to a pool that Java, gRPC or Netty keep for all. */
  private static boolean isOfTheMachine(Thread thread) {
    ThreadGroup group = thread.getThreadGroup();
    return thread == Thread.currentThread()
        || group == null
        || group.getName().matches("system|InnocuousThreadGroup")
        || thread.getName().matches(SHARED);
  }
}
