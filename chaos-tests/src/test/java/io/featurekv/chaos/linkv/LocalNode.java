package io.featurekv.chaos.linkv;

import io.featurekv.metadata.raft.MetadataVoter;
import io.featurekv.metadata.raft.maelstrom.MaelstromNode;
import io.featurekv.metadata.raft.maelstrom.Registers;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A node inside this process, with registers of the test's choosing. Killing it is closing it; it
 * cannot be paused.
 */
final class LocalNode implements TestedNode {
  private static final long END_SECONDS = 20;

  private final MaelstromNode.Settings settings;
  private final Function<MetadataVoter, Registers> toRegisters;
  private final Consumer<String> out;
  private volatile Life life;

  private record Life(MaelstromNode node, ExecutorService receiving) {}

  LocalNode(
      MaelstromNode.Settings settings,
      Function<MetadataVoter, Registers> toRegisters,
      Consumer<String> out) {
    this.settings = settings;
    this.toRegisters = toRegisters;
    this.out = out;
  }

  @Override
  public synchronized void start() {
    life =
        new Life(
            new MaelstromNode(settings, out, toRegisters),
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory()));
  }

  /** Takes no lock: whoever kills it holds one until the last line was written. */
  @Override
  public void deliver(String line) {
    Life present = life;
    if (present != null) {
      try {
        present.receiving().execute(() -> present.node().receive(line));
      } catch (RejectedExecutionException e) {
        // It has just been closed.
      }
    }
  }

  /** The voter, once the node was initialised. */
  MetadataVoter voter() {
    return life.node().voter().orElseThrow();
  }

  @Override
  public synchronized void kill() {
    Life ended = life;
    if (ended == null) {
      return;
    }
    life = null;
    ended.receiving().shutdownNow();
    try {
      boolean _ = ended.receiving().awaitTermination(END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ended.node().close();
  }

  @Override
  public boolean pause() {
    return false;
  }

  @Override
  public void resume() {}

  @Override
  public boolean hasFailed() {
    Life present = life;
    return present != null && present.node().voter().flatMap(MetadataVoter::failure).isPresent();
  }

  @Override
  public synchronized void close() {
    kill();
  }
}
