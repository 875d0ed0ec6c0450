package io.featurekv.cli.load;

import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.loader.BuildProgress;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a load that is interrupted (Ctrl-C, SIGTERM) end its task and remove its files before the
 * process goes, with the exit code of an interruption. Passes progress on to a display. Closed by
 * the thread that loads, once it has removed what it leaves and said how it ended: no other
 * shutdown hook gets the time to.
 */
public final class Interruption implements BuildProgress, AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  /** Stages that only wait, for what goes on by itself or looks whether it is still wanted. */
  private static final Set<String> WAITING = Set.of("", "generate", "load", "canary");

  private final Session session;
  private final BuildProgress display;
  private final Thread worker = Thread.currentThread();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook =
      Thread.ofPlatform().name("load-interrupted").unstarted(this::onShutdown);
  private final boolean goesOn;
  private volatile boolean isCancelled;
  private volatile String stage = "";
  private volatile Runnable removal = () -> {};

  private Interruption(Session session, BuildProgress display, boolean goesOn) {
    this.goesOn = goesOn;
    this.session = session;
    this.display = display;
  }

  /**
   * Watches over what this thread does until it closes the result.
   *
   * @param goesOn whether the load is done elsewhere, so that only its watching ends
   */
  public static Interruption watch(Session session, BuildProgress display, boolean goesOn) {
    Interruption interruption = new Interruption(session, display, goesOn);
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  private void onShutdown() {
    isCancelled = true;
    session.message(
        goesOn
            ? "featurekv: interrupted; the builders of the cluster go on"
            : "featurekv: interrupted, ending the load");
    if (WAITING.contains(stage)) {
      worker.interrupt();
    }
    try {
      if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        session.message("featurekv: the load did not end in time; its task stays as it is");
        removal.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      session.streams().flush();
      // Whatever the signal was; nothing else is under way in this process.
      Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
    }
  }

  /**
   * What is still to be removed where the load does not end in time; the load itself removes it
   * before it closes this, perhaps at the same time.
   */
  public void onLateEnd(Runnable newRemoval) {
    removal = newRemoval;
  }

  /** Says how a load ended that was interrupted, for which nobody else is there any more. */
  void tell(String taskId, String message) {
    if (isCancelled) {
      session.message(
          "featurekv: " + message + (taskId.isEmpty() ? "" : "; featurekv task show " + taskId));
    }
  }

  @Override
  public void update(String newStage, long done, long total) {
    stage = newStage;
    display.update(newStage, done, total);
  }

  @Override
  public void bytes(long done, long total) {
    display.bytes(done, total);
  }

  @Override
  public void note(String text) {
    display.note(text);
  }

  @Override
  public boolean isCancelled() {
    return isCancelled;
  }

  @Override
  public void close() {
    ended.countDown();
    if (!isCancelled) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process is ending just now; the hook finds the load ended.
      }
    }
  }
}
