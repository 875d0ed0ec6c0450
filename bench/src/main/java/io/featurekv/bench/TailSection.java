package io.featurekv.bench;

import io.featurekv.bench.data.KeyMix;
import io.featurekv.bench.report.Table;
import io.featurekv.bench.server.FeatureKvAdmin;
import io.featurekv.bench.server.FeatureKvServer;
import io.featurekv.bench.server.Server;
import io.featurekv.bench.traffic.EntryDraws;
import io.featurekv.bench.traffic.Link;
import io.featurekv.bench.traffic.OpenLoop;
import io.featurekv.bench.traffic.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Latency of all servers at the same fixed rate, and that of FeatureKV while versions are swapped
 * and while files are shipped in.
 */
final class TailSection {
  private static final int VALUE_BYTES = 100;
  private static final int SLOTS = 4096;
  private static final int SWAPS = 10;
  private static final long SHIPPED_BYTES_PER_SECOND = 50_000_000;
  private static final String SIDE_TABLE = "side";

  private final ServerLab lab;
  private final Path directory;
  private final List<Double> shippedPerSecond = new ArrayList<>();
  private long swaps;

  /** What one turn of a server found; CPU in seconds for a million keys. */
  private record Turn(
      double p50, double p99, double p999, double keysPerSecond, double late, double serverCpu) {}

  /** What goes on beside the reads. */
  @FunctionalInterface
  private interface Beside {
    /** Runs while the reads do; {@code isReady} is counted down when these may begin. */
    void run(long nanos, CountDownLatch isReady);
  }

  private record Contender(
      String name, Server server, List<Link> links, OpenLoop loop, Beside beside) {}

  TailSection(ServerLab lab, Path directory) {
    this.lab = lab;
    this.directory = directory;
  }

  Table run() throws IOException {
    String title =
        String.format(
            "gets of %d keys, uniform, %d keys a second by the clock, %d connections",
            lab.options().batch(), lab.options().rate(), lab.options().connections());
    lab.say(title);
    List<Contender> contenders = new ArrayList<>();
    List<FeatureKvAdmin> admins = new ArrayList<>();
    try {
      for (Server server : lab.servers()) {
        contenders.add(contender(server.name(), server, (nanos, isReady) -> isReady.countDown()));
        if (server instanceof FeatureKvServer own) {
          addDisturbed(own, contenders, admins);
        }
      }
      return table(title, contenders, measure(contenders));
    } finally {
      for (Contender contender : contenders) {
        for (Link link : contender.links()) {
          link.close();
        }
      }
      admins.forEach(FeatureKvAdmin::close);
    }
  }

  private void addDisturbed(
      FeatureKvServer own, List<Contender> contenders, List<FeatureKvAdmin> admins)
      throws IOException {
    lab.say("loading a second version of " + own.table());
    own.loadVersion(lab.entries(), 2, "--no-activate");
    own.command("table", "create", SIDE_TABLE, "--kind", "idx", "--shards", "1");
    FeatureKvAdmin admin = FeatureKvAdmin.connect(own.endpoint());
    admins.add(admin);
    contenders.add(
        contender(
            own.name() + ", versions swapped",
            own,
            (nanos, isReady) -> swap(admin, own.table(), nanos, isReady)));
    contenders.add(
        contender(
            own.name() + ", files shipped in",
            own,
            (nanos, isReady) -> ship(admin, nanos, isReady)));
  }

  private void swap(FeatureKvAdmin admin, String table, long nanos, CountDownLatch isReady) {
    isReady.countDown();
    long next = System.nanoTime();
    for (int i = 0; i < SWAPS; i++) {
      next += nanos / (SWAPS + 1);
      for (long left = next - System.nanoTime(); left > 0; left = next - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      admin.activate(table, 2 - i % 2);
      swaps++;
    }
  }

  private void ship(FeatureKvAdmin admin, long nanos, CountDownLatch isReady) {
    long bytes = (long) (SHIPPED_BYTES_PER_SECOND * (nanos / 1e9));
    shippedPerSecond.add(
        admin.ship(SIDE_TABLE, bytes, SHIPPED_BYTES_PER_SECOND, directory, isReady));
  }

  private Contender contender(String name, Server server, Beside beside) throws IOException {
    List<Link> links = new ArrayList<>();
    for (int i = 0; i < lab.options().connections(); i++) {
      links.add(
          Link.connect(
              server.endpoint(),
              server.dialects(lab.options().batch()).getFirst().maker().wire(),
              lab.options().batch(),
              VALUE_BYTES,
              SLOTS));
    }
    EntryDraws draws =
        new EntryDraws(KeyMix.UNIFORM, lab.options().entries(), lab.options().seed());
    return new Contender(
        name, server, links, new OpenLoop(links, draws, lab.options().rate()), beside);
  }

  private List<List<Turn>> measure(List<Contender> contenders) throws IOException {
    List<List<Turn>> turns = new ArrayList<>();
    contenders.forEach(contender -> turns.add(new ArrayList<>()));
    try (ExecutorService beside = Executors.newSingleThreadExecutor()) {
      for (int round = -1; round < lab.options().tailRounds(); round++) {
        for (int i = 0; i < contenders.size(); i++) {
          int place = Math.floorMod(round + i, contenders.size());
          Turn turn = turn(contenders.get(place), beside);
          if (round >= 0) {
            turns.get(place).add(turn);
          }
        }
      }
    }
    return turns;
  }

  private Turn turn(Contender contender, ExecutorService threads) throws IOException {
    long nanos = lab.options().turnNanos();
    CountDownLatch isReady = new CountDownLatch(1);
    Future<?> beside = threads.submit(() -> contender.beside().run(nanos, isReady));
    try {
      isReady.await();
      double before = contender.server().cpuSeconds();
      Outcome outcome = contender.loop().run(nanos);
      double serverSeconds = contender.server().cpuSeconds() - before;
      beside.get();
      return new Turn(
          outcome.latency().getValueAtPercentile(50) / 1e3,
          outcome.latency().getValueAtPercentile(99) / 1e3,
          outcome.latency().getValueAtPercentile(99.9) / 1e3,
          outcome.keysPerSecond(),
          outcome.lateness().getValueAtPercentile(99) / 1e3,
          serverSeconds / (outcome.tally().keys() / 1e6));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException(contender.name() + ": " + e.getCause(), e);
    }
  }

  private Table table(String title, List<Contender> contenders, List<List<Turn>> turns) {
    Table table =
        new Table(
            title,
            List.of(
                new Table.Column("p50 us", 0),
                new Table.Column("p99 us", 0),
                new Table.Column("best", 0),
                new Table.Column("worst", 0),
                new Table.Column("p99.9 us", 0),
                new Table.Column("Mkeys/s", 3),
                new Table.Column("sent late p99 us", 0),
                new Table.Column("server CPU s/Mkeys", 4)));
    for (int i = 0; i < contenders.size(); i++) {
      List<Turn> own = turns.get(i);
      table.add(
          contenders.get(i).name(),
          List.of(
              Figures.median(own, Turn::p50),
              Figures.median(own, Turn::p99),
              Figures.lowest(own, Turn::p99),
              -Figures.lowest(own, turn -> -turn.p99()),
              Figures.median(own, Turn::p999),
              Figures.median(own, Turn::keysPerSecond) / 1e6,
              Figures.median(own, Turn::late),
              Figures.median(own, Turn::serverCpu)));
    }
    table.note(
        "Latency from when a batch was due; each figure is of the middle of the rounds, best");
    table.note("and worst are p99 of these rounds.");
    if (swaps > 0) {
      table.note("swapped: " + swaps + " activations of another loaded version, 10 in each turn.");
    }
    if (!shippedPerSecond.isEmpty()) {
      table.note(
          String.format(
              "shipped: %.1f MB/s in the middle turn, %.1f at least; built before the turn.",
              Figures.median(shippedPerSecond, rate -> rate) / 1e6,
              Figures.lowest(shippedPerSecond, rate -> rate) / 1e6));
    }
    return table;
  }
}
