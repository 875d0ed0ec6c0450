package io.featurekv.chaos.simulation;

import io.featurekv.cli.server.Logging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code chaos-tests/simulate}: the worlds of many seeds, or of one with all that happens in it.
 */
final class SimulateCommand {
  private static final int USAGE = 64;
  private static final int MAX_SHOWN = 3;
  private static final long LAST_WORDS_SECONDS = 20;
  private static final String HELP =
      """
      Examples:
        chaos-tests/simulate                                20,000 seeds from 1 on, two threads
        chaos-tests/simulate --seeds 500k --seed-from 1M
        chaos-tests/simulate --seed 4711                    one seed, and all that happens in its world

      Runs simulated clusters, each all by its seed: the product's decisions (metadata, leader, placement, loading,
      merging, collection) over a simulated clock, disk and network with faults, every invariant checked at every
      step. docs/simulation.md says what is simulated. Interrupted, it tells what it ran until then.

      Exits with 0 when no invariant was broken and every kind of fault and operation happened; with 1 otherwise.

      Options:
        --seeds N       how many; 20k unless said otherwise, k and M are known
        --seed-from N   the first one; 1 unless said otherwise
        --threads N     2 unless said otherwise
        --seed N        this one only, with its schedule
        --dir DIRECTORY where schedules of failures are written; chaos-tests/target
        --plant DEFECT  with something wrong planted, to see it found
        -h, --help
      """;

  private SimulateCommand() {}

  /** See {@code --help}. */
  public static void main(String[] arguments) throws InterruptedException, IOException {
    List<String> words = List.of(arguments);
    if (words.contains("-h") || words.contains("--help")) {
      System.out.print(HELP);
      return;
    }
    long seeds = 20_000;
    long from = 1;
    int threads = 2;
    Long seed = null;
    Path directory = Path.of(".");
    Defect defect = null;
    // What simulated nodes complain of are the faults that they are given.
    Logging.errorsOnly();
    try {
      for (int i = 0; i < words.size(); i += 2) {
        String value = i + 1 < words.size() ? words.get(i + 1) : "";
        switch (words.get(i)) {
          case "--seeds" -> seeds = number(value);
          case "--seed-from" -> from = number(value);
          case "--threads" -> threads = (int) number(value);
          case "--seed" -> seed = number(value);
          case "--dir" -> directory = Path.of(value);
          case "--plant" -> defect = Defect.valueOf(value);
          default -> throw new IllegalArgumentException("unknown option " + words.get(i));
        }
      }
    } catch (IllegalArgumentException e) {
      System.err.println("chaos-tests/simulate: " + e.getMessage() + "; see --help");
      System.exit(USAGE);
    }
    System.exit(
        seed != null
            ? one(seed, defect)
            : many(from, seeds, Math.max(1, threads), defect, directory));
  }

  private static long number(String word) {
    long factor = word.endsWith("k") ? 1_000 : word.endsWith("M") ? 1_000_000 : 1;
    return Long.parseLong(factor == 1 ? word : word.substring(0, word.length() - 1)) * factor;
  }

  private static int one(long seed, @Nullable Defect defect) {
    List<String> schedule = new ArrayList<>();
    try {
      Tally tally = Simulation.run(seed, defect, schedule);
      schedule.forEach(System.out::println);
      System.out.println(tally);
      return 0;
    } catch (RuntimeException e) {
      schedule.forEach(System.out::println);
      System.out.println("seed " + seed + ": " + e);
      if (!(e instanceof InvariantBroken)) {
        e.printStackTrace(System.out);
      }
      return 1;
    }
  }

  private static int many(
      long from, long seeds, int threads, @Nullable Defect defect, Path directory)
      throws InterruptedException, IOException {
    long startNanos = System.nanoTime();
    SeedBatch batch = new SeedBatch(from, seeds, defect);
    CountDownLatch told = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> endEarly(batch, told), "end-early"));
    batch.run(threads);
    try {
      return judge(batch, seeds, threads, defect, directory, startNanos);
    } finally {
      told.countDown();
    }
  }

  /** When this is interrupted: what was run until then is told all the same. */
  private static void endEarly(SeedBatch batch, CountDownLatch told) {
    batch.endEarly();
    try {
      boolean _ = told.await(LAST_WORDS_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int judge(
      SeedBatch batch,
      long seeds,
      int threads,
      @Nullable Defect defect,
      Path directory,
      long startNanos)
      throws IOException {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    System.out.println(batch.tally());
    System.out.printf(
        "%.1f s, %,.0f seeds a minute with %d threads%n",
        seconds, batch.tally().seeds / seconds * 60, threads);
    for (List<Long> alike : batch.kinds().values()) {
      long seed = alike.getFirst();
      List<String> schedule = SeedBatch.schedule(seed, defect);
      Path file = directory.resolve("simulation-seed-" + seed + ".txt");
      Files.write(file, schedule);
      System.out.println(
          SeedBatch.describe(seed, batch.failures().get(seed), schedule)
              + "\nall of it in "
              + file);
    }
    if (!batch.failures().isEmpty()) {
      System.out.printf("FAILED: %,d seeds%n", batch.failures().size());
      batch
          .kinds()
          .forEach(
              (kind, seen) ->
                  System.out.printf(
                      "  %,6d  %s %s%n",
                      seen.size(), kind, seen.subList(0, Math.min(MAX_SHOWN, seen.size()))));
      return 1;
    }
    if (!batch.tally().missingFaults().isEmpty() || !batch.tally().missingOperations().isEmpty()) {
      System.out.println(
          "VOID: these never happened: "
              + batch.tally().missingFaults()
              + batch.tally().missingOperations());
      return 1;
    }
    if (batch.tally().seeds < seeds) {
      System.out.printf(
          "no invariant was broken in %,d of %,d seeds%n", batch.tally().seeds, seeds);
      return 1;
    }
    System.out.println("every invariant held");
    return 0;
  }
}
