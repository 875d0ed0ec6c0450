package io.featurekv.bench;

import io.featurekv.bench.OptionParser.BadOption;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the command line of the comparison of servers. */
final class ReadsOptionParser {
  static final String HELP =
      """
      Examples:
        bench/reads                                       everything at 10 million entries
        bench/reads --quick                               everything at 1 million, in a few minutes
        bench/reads --quick --sections batch --mixes uniform --peers redis
        bench/reads --executable ../other/cli/target/featurekv --quick --peers none
        bench/reads -o json                               and a file under bench/results/

      Starts a FeatureKV node, redis-server and memcached on loopback, loads the same entries into
      each, and asks all of them with one load generator, in turns. See bench/README.md.

      Options:
        --entries N        entries of 16 + 100 bytes; 10M unless said otherwise, k and M are known
        --only LIST        kinds of FeatureKV's table: mem,idx,blk, or none; mem unless said otherwise
        --peers LIST       of redis,memcached, or none; all unless said otherwise
        --sections LIST    of batch,single,tail,client; all unless said otherwise
        --mixes LIST       of uniform,zipf,half-absent; all unless said otherwise
        --resp on|off      ask FeatureKV in Redis' protocol, too, where it speaks that; on
        --batch N          keys of one request; 200 unless said otherwise
        --connections N    to each server; 8 unless said otherwise
        --depth N          open batches of each connection; 2 unless said otherwise
        --threads N        of the load generator; 1 unless said otherwise
        --rounds N         turns of each server that count; 3 unless said otherwise
        --tail-rounds N    turns of each server at a fixed rate; 5 unless said otherwise
        --rate N           keys a second of these; 500k unless said otherwise
        --turn-millis N    how long a turn takes; 4000 unless said otherwise
        --warmup-millis N  how long each server is read before; 10000 unless said otherwise
        --seed N           of the keys asked for; 1 unless said otherwise
        --executable FILE  FeatureKV; cli/target/featurekv unless said otherwise
        --dir DIRECTORY    where servers keep their files, deleted at the end; bench/target/data
        --results DIRECTORY  of the JSON files; bench/results unless said otherwise
        --quick            1M entries, turns of 2000 ms, 5000 ms before
        -o, --output FORMAT  table, or json: a table and a file under bench/results/
        -h, --help
      """;

  private int entries = 10_000_000;
  private Set<String> only = Set.of("mem");
  private Set<String> peers = new LinkedHashSet<>(ReadsOptions.PEERS);
  private Set<String> sections = new LinkedHashSet<>(ReadsOptions.SECTIONS);
  private Set<String> mixes = new LinkedHashSet<>(ReadsOptions.MIXES);
  private boolean hasResp = true;
  private int batch = 200;
  private int connections = 8;
  private int depth = 2;
  private int threads = 1;
  private int rounds = 3;
  private int tailRounds = 5;
  private int rate = 500_000;
  private int turnMillis = 4000;
  private int warmupMillis = 10_000;
  private long seed = 1;
  private Path executable = Path.of("cli", "target", "featurekv");
  private Path directory = Path.of("bench", "target", "data");
  private Path resultsDirectory = Path.of("bench", "results");
  private boolean isJson;

  private ReadsOptionParser() {}

  /** Later options win over earlier ones, {@code --quick} included. */
  static ReadsOptions parse(List<String> arguments) throws BadOption {
    ReadsOptionParser parser = new ReadsOptionParser();
    OptionParser.forEach(arguments, Map.of("--quick", parser::setQuick), parser::set);
    return parser.options();
  }

  private void setQuick() {
    entries = 1_000_000;
    turnMillis = 2000;
    warmupMillis = 5000;
  }

  private void set(String name, @Nullable String given) throws BadOption {
    switch (name) {
      case "--entries" -> entries = OptionParser.number(name, given, 1000, 100_000_000);
      case "--only" -> only = OptionParser.names(name, given, ReadsOptions.OWN);
      case "--peers" -> peers = OptionParser.names(name, given, ReadsOptions.PEERS);
      case "--sections" -> sections = OptionParser.names(name, given, ReadsOptions.SECTIONS);
      case "--mixes" -> mixes = OptionParser.names(name, given, ReadsOptions.MIXES);
      case "--resp" -> hasResp = isOn(name, OptionParser.there(name, given));
      case "--batch" -> batch = OptionParser.number(name, given, 1, 10_000);
      case "--connections" -> connections = OptionParser.number(name, given, 1, 1000);
      case "--depth" -> depth = OptionParser.number(name, given, 1, 1000);
      case "--threads" -> threads = OptionParser.number(name, given, 1, 64);
      case "--rounds" -> rounds = OptionParser.number(name, given, 1, 1000);
      case "--tail-rounds" -> tailRounds = OptionParser.number(name, given, 1, 1000);
      case "--rate" -> rate = OptionParser.number(name, given, 1, 100_000_000);
      case "--turn-millis" -> turnMillis = OptionParser.number(name, given, 1, 600_000);
      case "--warmup-millis" -> warmupMillis = OptionParser.number(name, given, 1, 600_000);
      case "--seed" -> seed = OptionParser.number(name, given, 0, Integer.MAX_VALUE);
      case "--executable" -> executable = Path.of(OptionParser.there(name, given));
      case "--dir" -> directory = Path.of(OptionParser.there(name, given));
      case "--results" -> resultsDirectory = Path.of(OptionParser.there(name, given));
      case "-o", "--output" -> isJson = OptionParser.isJson(name, OptionParser.there(name, given));
      default -> throw new BadOption("unknown option '" + name + "'; --help lists them");
    }
  }

  private static boolean isOn(String name, String word) throws BadOption {
    return switch (word) {
      case "on" -> true;
      case "off" -> false;
      default -> throw new BadOption(name + ": expected on or off, found '" + word + "'");
    };
  }

  private ReadsOptions options() throws BadOption {
    if (threads > connections) {
      throw new BadOption(
          "--threads: " + threads + " threads have no " + connections + " connections to share");
    }
    return new ReadsOptions(
        entries,
        only,
        peers,
        sections,
        mixes,
        hasResp,
        batch,
        connections,
        depth,
        threads,
        rounds,
        tailRounds,
        rate,
        turnMillis,
        warmupMillis,
        seed,
        executable.toAbsolutePath().normalize(),
        directory,
        isJson ? resultsDirectory : null);
  }
}
