package io.featurekv.cli.maelstrom;

import java.io.PrintStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes lines in a thread of its own, so that nobody waits for whoever reads them. Where that is
 * too slow, lines are lost: to a voter, as if the network had lost them.
 */
final class LineWriter implements AutoCloseable {
  private static final int MAX_WAITING_LINES = 1_024;
  private static final Logger LOG = LoggerFactory.getLogger(LineWriter.class);

  private final PrintStream out;
  private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(MAX_WAITING_LINES);
  private final Thread thread;

  LineWriter(PrintStream out) {
    this.out = out;
    this.thread = Thread.ofPlatform().daemon().name("maelstrom-out").start(this::writeAll);
  }

  /** Takes a line without its line break. May be called from any thread; never blocks. */
  void write(String line) {
    if (!waiting.offer(line)) {
      LOG.warn("Dropped a line: {} wait to be read", MAX_WAITING_LINES);
    }
  }

  private void writeAll() {
    try {
      while (true) {
        out.print(waiting.take() + "\n");
        if (waiting.isEmpty()) {
          out.flush();
        }
      }
    } catch (InterruptedException e) {
      out.flush();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
