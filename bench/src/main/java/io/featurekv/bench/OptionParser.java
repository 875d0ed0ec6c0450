package io.featurekv.bench;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the command line. */
final class OptionParser {
  static final String HELP =
      """
      Examples:
        bench/storage                                     everything at 10 million entries
        bench/storage --quick                             everything at 1 million, in a few minutes
        bench/storage --only mem --peers lmdb --entries 30M --sections build,open,get
        bench/storage --sections cold --only idx,blk --dir /mnt/disk/bench
        bench/storage -o json                             and a file under bench/results/

      Compares FeatureKV's tables with other stores: building, opening, batched gets, scans,
      compressible values, and reading with less memory than data. See bench/README.md.

      Options:
        --entries N        entries of 16 + 100 bytes; 10M unless said otherwise, k and M are known
        --only LIST        of mem,mem-any,idx,blk; all unless said otherwise
        --peers LIST       of lmdb,rocksdb,sparkey,chronicle, or none; all unless said otherwise
        --sections LIST    of build,open,get,scan,shapes,columns,cold; all unless said otherwise
        --shards N         of FeatureKV's tables; 8 unless said otherwise
        --batch N          keys of one get; 200 unless said otherwise
        --rounds N         turns of each store that count; 7 unless said otherwise
        --build-rounds N   builds of each store from each input; 2 unless said otherwise
        --turn-millis N    how long a turn takes; 250 unless said otherwise
        --cold-seconds N   how long each cold store is read; 20 unless said otherwise
        --seed N           of the keys asked for; 1 unless said otherwise
        --dir DIRECTORY    where stores are built, and deleted at the end; bench/target/data
        --results DIRECTORY  of the JSON files; bench/results unless said otherwise
        --quick            1M entries, 3 rounds, 1 build, turns of 100 ms, 6 cold seconds
        -o, --output FORMAT  table, or json: a table and a file under bench/results/
        --heap SIZE        of the JVM, as -Xmx takes it; by the entries unless said otherwise
        -h, --help
      """;

  private int entries = 10_000_000;
  private Set<String> only = new LinkedHashSet<>(BenchOptions.OWN);
  private Set<String> peers = new LinkedHashSet<>(BenchOptions.PEERS);
  private Set<String> sections = new LinkedHashSet<>(BenchOptions.SECTIONS);
  private int shards = 8;
  private int batch = 200;
  private int rounds = 7;
  private int buildRounds = 2;
  private int turnMillis = 250;
  private int coldSeconds = 20;
  private long seed = 1;
  private Path directory = Path.of("bench", "target", "data");
  private Path resultsDirectory = Path.of("bench", "results");
  private boolean isJson;

  private OptionParser() {}

  /** What is wrong with a command line, in one line. */
  static final class BadOption extends Exception {
    private static final long serialVersionUID = 1L;

    BadOption(String message) {
      super(message);
    }
  }

  /** Later options win over earlier ones, {@code --quick} included. */
  static BenchOptions parse(List<String> arguments) throws BadOption {
    OptionParser parser = new OptionParser();
    forEach(arguments, Map.of("--quick", parser::setQuick), parser::set);
    return parser.options();
  }

  /** Hears of one option. */
  @FunctionalInterface
  interface Setter {
    /** {@code value} is null where the command line ends after the name. */
    void set(String name, @Nullable String value) throws BadOption;
  }

  /**
   * Goes through a command line of {@code --name value}, {@code --name=value} and flags, which take
   * no value.
   */
  static void forEach(List<String> arguments, Map<String, Runnable> flags, Setter setter)
      throws BadOption {
    int at = 0;
    while (at < arguments.size()) {
      String name = arguments.get(at++);
      Runnable flag = flags.get(name);
      if (flag != null) {
        flag.run();
        continue;
      }
      int equals = name.startsWith("--") ? name.indexOf('=') : -1;
      String value;
      if (equals > 0) {
        value = name.substring(equals + 1);
        name = name.substring(0, equals);
      } else {
        value = at < arguments.size() ? arguments.get(at++) : null;
      }
      setter.set(name, value);
    }
  }

  private void setQuick() {
    entries = 1_000_000;
    rounds = 3;
    buildRounds = 1;
    turnMillis = 100;
    coldSeconds = 6;
  }

  private void set(String name, @Nullable String given) throws BadOption {
    switch (name) {
      case "--entries" -> entries = number(name, given, 1000, 100_000_000);
      case "--only" -> only = names(name, given, BenchOptions.OWN);
      case "--peers" -> peers = names(name, given, BenchOptions.PEERS);
      case "--sections" -> sections = names(name, given, BenchOptions.SECTIONS);
      case "--shards" -> shards = number(name, given, 1, 4096);
      case "--batch" -> batch = number(name, given, 1, 10_000);
      case "--rounds" -> rounds = number(name, given, 1, 1000);
      case "--build-rounds" -> buildRounds = number(name, given, 1, 100);
      case "--turn-millis" -> turnMillis = number(name, given, 1, 60_000);
      case "--cold-seconds" -> coldSeconds = number(name, given, 1, 3600);
      case "--seed" -> seed = number(name, given, 0, Integer.MAX_VALUE);
      case "--dir" -> directory = Path.of(there(name, given));
      case "--results" -> resultsDirectory = Path.of(there(name, given));
      case "-o", "--output" -> isJson = isJson(name, there(name, given));
      default -> throw new BadOption("unknown option '" + name + "'; --help lists them");
    }
  }

  static String there(String name, @Nullable String given) throws BadOption {
    if (given == null) {
      throw new BadOption(name + " needs a value");
    }
    return given;
  }

  static boolean isJson(String name, String format) throws BadOption {
    return switch (format) {
      case "json" -> true;
      case "table" -> false;
      default -> throw new BadOption(name + ": expected table or json, found '" + format + "'");
    };
  }

  static int number(String name, @Nullable String given, int min, int max) throws BadOption {
    String digits = there(name, given);
    long factor = 1;
    if (digits.endsWith("M")) {
      factor = 1_000_000;
    } else if (digits.endsWith("k")) {
      factor = 1000;
    }
    try {
      long number =
          factor * Long.parseLong(factor == 1 ? digits : digits.substring(0, digits.length() - 1));
      if (number >= min && number <= max) {
        return (int) number;
      }
    } catch (NumberFormatException e) {
      throw new BadOption(name + ": '" + digits + "' is not a number");
    }
    throw new BadOption(name + ": expected " + min + " to " + max + ", found " + digits);
  }

  static Set<String> names(String name, @Nullable String given, List<String> known)
      throws BadOption {
    Set<String> chosen = new LinkedHashSet<>();
    for (String word : there(name, given).split(",", -1)) {
      if (known.contains(word)) {
        chosen.add(word);
      } else if (!word.equals("none")) {
        throw new BadOption(
            name + ": '" + word + "' is none of " + String.join(", ", known) + ", none");
      }
    }
    return chosen;
  }

  private BenchOptions options() {
    return new BenchOptions(
        entries,
        only,
        peers,
        sections,
        shards,
        batch,
        rounds,
        buildRounds,
        turnMillis,
        coldSeconds,
        seed,
        directory,
        isJson ? resultsDirectory : null);
  }
}
