package io.featurekv.chaos;

import io.featurekv.chaos.ReadsUnderFaults.Result;
import io.featurekv.chaos.ReadsUnderFaults.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** {@code chaos-tests/reads}: reads for long while versions are swapped and servers are killed. */
final class ReadsCommand {
  private static final int USAGE = 64;
  private static final String HELP =
      """
      Examples:
        chaos-tests/reads                                   ten million batches, half an hour or more
        chaos-tests/reads --batches 100k --swap-every 1s --kill-every 10s
        chaos-tests/reads --batches 1M --rate 500k --seed 42

      Starts three servers in two sects, loads versions of the standard data set, and reads batches through
      the Java client, every value checked against the version that its reply names, while versions are
      activated, rolled back and loaded, and one server after the other is killed (SIGKILL) and started again.

      Exits with 0 when no batch was mixed, wrong or failed and enough happened meanwhile; with 1 otherwise.

      Options:
        --batches N        batches that count; 10M unless said otherwise, k and M are known
        --batch N          keys of a batch; 200 unless said otherwise
        --entries N        of each version; 200k unless said otherwise
        --rate KEYS|max    keys a second; max unless said otherwise
        --timeout D        of a batch; 5s unless said otherwise
        --swap-every D     activations and rollbacks; 2s unless said otherwise
        --load-every D     pause between loads of new versions; 15s unless said otherwise
        --kill-every D     pause between a healthy cluster and the next kill; 20s unless said otherwise
        --seed N           of keys, versions and victims; drawn and printed unless said otherwise
        --dir DIRECTORY    where servers keep their files, deleted at the end; chaos-tests/target
        -h, --help
      """;

  private long batches = 10_000_000;
  private int batch = 200;
  private long entries = 200_000;
  private String rate = "max";
  private Duration timeout = Duration.ofSeconds(5);
  private Duration swapEvery = Duration.ofSeconds(2);
  private Duration loadEvery = Duration.ofSeconds(15);
  private Duration killEvery = Duration.ofSeconds(20);
  private long seed = System.nanoTime() >>> 1;
  private Path directory = Path.of("chaos-tests", "target");

  private ReadsCommand() {}

  /** See {@code --help}. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> words = List.of(arguments);
    if (words.contains("-h") || words.contains("--help")) {
      System.out.print(HELP);
      return;
    }
    ReadsCommand command = new ReadsCommand();
    try {
      for (int i = 0; i < words.size(); i += 2) {
        command.set(words.get(i), i + 1 < words.size() ? words.get(i + 1) : "");
      }
    } catch (IllegalArgumentException e) {
      System.err.println("chaos-tests/reads: " + e.getMessage());
      System.exit(USAGE);
    }
    System.exit(command.run() ? 0 : 1);
  }

  private void set(String name, String value) {
    switch (name) {
      case "--batches" -> batches = count(name, value);
      case "--batch" -> batch = (int) count(name, value);
      case "--entries" -> entries = count(name, value);
      case "--rate" -> rate = value;
      case "--timeout" -> timeout = duration(name, value);
      case "--swap-every" -> swapEvery = duration(name, value);
      case "--load-every" -> loadEvery = duration(name, value);
      case "--kill-every" -> killEvery = duration(name, value);
      case "--seed" -> seed = count(name, value);
      case "--dir" -> directory = Path.of(value);
      default ->
          throw new IllegalArgumentException("unknown option '" + name + "'; --help lists them");
    }
  }

  private static long count(String name, String value) {
    String digits = value.replaceFirst("[kM]$", "");
    long factor = value.endsWith("k") ? 1000 : value.endsWith("M") ? 1_000_000 : 1;
    try {
      return Math.multiplyExact(Long.parseLong(digits), factor);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException(name + ": '" + value + "' is not a count", e);
    }
  }

  private static Duration duration(String name, String value) {
    String digits = value.replaceFirst("(ms|s|m)$", "");
    String unit = value.substring(digits.length());
    try {
      long number = Long.parseLong(digits);
      return switch (unit) {
        case "ms" -> Duration.ofMillis(number);
        case "s" -> Duration.ofSeconds(number);
        case "m" -> Duration.ofMinutes(number);
        default -> throw new NumberFormatException("no unit");
      };
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          name + ": '" + value + "' is not a duration like 500ms, 2s or 1m", e);
    }
  }

  private boolean run() throws IOException, InterruptedException {
    Files.createDirectories(directory);
    Path own = Files.createTempDirectory(directory, "reads-").toAbsolutePath();
    System.out.printf(
        "%,d batches of %d keys, %,d entries, seed %d, files in %s%n",
        batches, batch, entries, seed, own);
    Settings settings =
        new Settings(
            batches,
            Duration.ZERO,
            batch,
            entries,
            rate,
            timeout,
            swapEvery,
            loadEvery,
            killEvery,
            null,
            seed,
            true);
    Result result;
    try (ReadsUnderFaults faults = ReadsUnderFaults.prepare(own, settings)) {
      // Ends the servers when this is interrupted; closing twice does no harm.
      Thread cleaning = new Thread(faults::close, "cleaning");
      Runtime.getRuntime().addShutdownHook(cleaning);
      result = faults.run();
      Runtime.getRuntime().removeShutdownHook(cleaning);
    }
    System.out.printf(
        Locale.ROOT,
        "%,d batches, %,d keys in %.0f s: %d mixed, %d wrong, %d keys failed; %d swaps (%d refused), %d loads,"
            + " %d kills; slowest batch %.0f ms%n",
        result.batches(),
        result.keys(),
        result.seconds(),
        result.mixed(),
        result.wrong(),
        result.failed(),
        result.swaps(),
        result.swapsRefused(),
        result.loads(),
        result.kills(),
        result.worstMillis());
    if (!result.problem().isEmpty()) {
      System.out.println("NOT PASSED: " + result.problem() + "; files are left in " + own);
      return false;
    }
    FileTrees.delete(own);
    System.out.println("passed");
    return true;
  }
}
