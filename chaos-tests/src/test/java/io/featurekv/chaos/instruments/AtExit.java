package io.featurekv.chaos.instruments;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What has to be put back, newest first: when the instrument is closed, or else when the virtual
 * machine ends, so that a test that fails or is interrupted leaves nothing behind. Thread-safe.
 */
final class AtExit implements AutoCloseable {
  private final Deque<Runnable> steps = new ArrayDeque<>();
  private final Thread hook = new Thread(this::putBack, "put-back");

  AtExit() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  synchronized void add(Runnable step) {
    steps.push(step);
  }

  /** All steps are tried; the first failure is thrown at the end. */
  private synchronized void putBack() {
    RuntimeException first = null;
    while (!steps.isEmpty()) {
      try {
        steps.pop().run();
      } catch (RuntimeException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The virtual machine ends already; the steps run once all the same.
    }
    putBack();
  }
}
