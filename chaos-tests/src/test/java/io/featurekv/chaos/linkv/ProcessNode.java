package io.featurekv.chaos.linkv;

import io.featurekv.chaos.FeatureKvProcess;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** {@code featurekv maelstrom} as a process. */
final class ProcessNode implements TestedNode {
  /** For a node that is stopped; what finds no room is lost. */
  private static final int MAX_WAITING_LINES = 10_000;

  private static final long END_SECONDS = 20;

  private final List<String> arguments;
  private final Path log;
  private final Consumer<String> out;
  private volatile Life life;
  private volatile boolean failedBefore;

  /** From a start to an end. */
  private static final class Life {
    private final Process process;
    private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(MAX_WAITING_LINES);
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ending;

    Life(Process process, Consumer<String> out) {
      this.process = process;
      threads.add(Thread.ofPlatform().daemon().name("to-node").start(this::write));
      threads.add(Thread.ofPlatform().daemon().name("from-node").start(() -> read(out)));
    }

    private void write() {
      try (BufferedWriter writer = process.outputWriter(StandardCharsets.UTF_8)) {
        while (!ending) {
          writer.write(waiting.take());
          writer.write('\n');
          if (waiting.isEmpty()) {
            writer.flush();
          }
        }
      } catch (IOException | InterruptedException e) {
        // It was killed, or ended by itself, which is asked for elsewhere.
        Thread.currentThread().interrupt();
      }
    }

    private void read(Consumer<String> out) {
      try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
        for (String line = reader.readLine(); line != null && !ending; line = reader.readLine()) {
          out.accept(line);
        }
      } catch (IOException e) {
        // As above.
      }
    }

    void kill() {
      ending = true;
      process.destroyForcibly();
      try {
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
          throw new IllegalStateException(process.pid() + " does not end");
        }
        for (Thread thread : threads) {
          thread.interrupt();
          thread.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * @param arguments after {@code featurekv}
   * @param log what it says on standard error is appended here
   * @param out gets the lines that it writes
   */
  ProcessNode(List<String> arguments, Path log, Consumer<String> out) {
    this.arguments = List.copyOf(arguments);
    this.log = log;
    this.out = out;
  }

  @Override
  public synchronized void start() {
    try {
      Process process =
          FeatureKvProcess.command(arguments)
              .directory(log.getParent().toFile())
              .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      life = new Life(process, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes no lock: whoever kills it holds one until the last line was read. */
  @Override
  public void deliver(String line) {
    Life present = life;
    if (present != null) {
      boolean _ = present.waiting.offer(line);
    }
  }

  @Override
  public synchronized void kill() {
    if (life != null) {
      failedBefore |= !life.process.isAlive();
      life.kill();
      life = null;
    }
  }

  @Override
  public synchronized boolean pause() {
    return life != null && signal("STOP");
  }

  @Override
  public synchronized void resume() {
    if (life != null) {
      boolean _ = signal("CONT");
    }
  }

  private boolean signal(String name) {
    try {
      Process kill =
          new ProcessBuilder("kill", "-" + name, Long.toString(life.process.pid())).start();
      return kill.waitFor() == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public boolean hasFailed() {
    Life present = life;
    return failedBefore || (present != null && !present.process.isAlive());
  }

  @Override
  public synchronized void close() {
    kill();
  }
}
