package io.featurekv.cli.load;

import io.featurekv.cli.session.Session;
import io.featurekv.cli.terminal.Json;
import io.featurekv.loader.BuildProgress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Shows on standard error how far a load is: to a person a bar that redraws itself, otherwise a
 * JSON line every {@value #LINE_PERIOD_SECONDS} seconds. Updates come from the loading thread,
 * drawing happens on a thread of its own.
 */
public final class ProgressDisplay implements BuildProgress, AutoCloseable {
  static final int LINE_PERIOD_SECONDS = 5;
  private static final long DRAW_PERIOD_MILLIS = 150;
  private static final String ERASE_LINE = "\r\u001b[2K";

  private final Session session;
  private final boolean isBar;
  private final long startNanos = System.nanoTime();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("progress").daemon().factory());
  private final Object lock = new Object();
  private ProgressState state = ProgressState.begin("start", startNanos);
  private boolean isDrawn;
  private boolean isOver;

  private ProgressDisplay(Session session) {
    this.session = session;
    boolean isDumb = session.environment().getOrDefault("TERM", "dumb").equals("dumb");
    this.isBar = session.streams().errIsTerminal() && !isDumb;
  }

  /** Begins to show. */
  public static ProgressDisplay start(Session session) {
    ProgressDisplay display = new ProgressDisplay(session);
    if (display.isBar) {
      display.timer.scheduleWithFixedDelay(
          display::draw, DRAW_PERIOD_MILLIS, DRAW_PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    } else {
      display.timer.scheduleAtFixedRate(
          display::line, LINE_PERIOD_SECONDS, LINE_PERIOD_SECONDS, TimeUnit.SECONDS);
    }
    return display;
  }

  @Override
  public void update(String stage, long done, long total) {
    synchronized (lock) {
      ProgressState current =
          stage.equals(state.stage()) ? state : ProgressState.begin(stage, System.nanoTime());
      state = current.withDone(done, total);
    }
  }

  @Override
  public void bytes(long done, long total) {
    synchronized (lock) {
      state = state.withBytes(done, total);
    }
  }

  @Override
  public void note(String text) {
    synchronized (lock) {
      state = state.withNote(text);
    }
  }

  private void draw() {
    synchronized (lock) {
      if (isOver) {
        return;
      }
      session.streams().err().print(ERASE_LINE + state.bar(System.nanoTime()));
      session.streams().err().flush();
      isDrawn = true;
    }
  }

  private void line() {
    synchronized (lock) {
      if (isOver) {
        return;
      }
      long nowNanos = System.nanoTime();
      session.message(Json.text(json -> state.writeJson(json, startNanos, nowNanos)));
    }
  }

  /** Takes away what is drawn; nothing is shown any more. */
  public void end() {
    timer.shutdownNow();
    synchronized (lock) {
      isOver = true;
      if (isDrawn) {
        session.streams().err().print(ERASE_LINE);
        session.streams().err().flush();
        isDrawn = false;
      }
    }
  }

  @Override
  public void close() {
    end();
  }
}
