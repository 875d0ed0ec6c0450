package io.featurekv.bench;

import io.featurekv.bench.OptionParser.BadOption;
import io.featurekv.bench.profile.FlightRecordings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the command line of the comparison of loads. */
final class LoadsOptionParser {
  static final String HELP =
      """
      Examples:
        bench/load --quick                                everything at a million entries at most
        bench/load --sections grow,small -o json          and a file under bench/results/
        bench/load --sections peers --peer-entries 10M --kinds idx
        bench/load --sections sects
        bench/load --entries 50M --sources parquet --sections grow --dir /mnt/disk/bench

      Loads generated files into new FeatureKV clusters by 'featurekv bench load', builds other
      stores from the same files, and compares. See bench/README.md.

      Options:
        --sections LIST    of grow,peers,wide,small,sects,builders; all unless said otherwise
        --entries LIST     sizes of grow; 10M,50M,100M unless said otherwise, k and M are known
        --sources LIST     formats of grow: parquet,csv; both unless said otherwise
        --kinds LIST       of FeatureKV's tables: mem,idx,blk; mem,idx unless said otherwise
        --peers LIST       of rocksdb-unsorted,rocksdb-sorted,sparkey, or none; all
        --peer-entries LIST  sizes of peers; 10M,50M unless said otherwise
        --wide-entries N   with values of 400 bytes; 20M unless said otherwise
        --small-entries N  with values of 8 bytes, into idx; 300M unless said otherwise
        --sect-mem N       for one and three sects, into mem; 20M, 0 for none
        --sect-idx N       the same into idx; 50M, 0 for none
        --builder-entries N  for one, two and three builders; 5M unless said otherwise
        --builders LIST    of nodes,client: who builds FeatureKV's tables; nodes
        --memory SIZE      of FeatureKV's loads, for client or each of nodes; their own choice
        --profile          tells where FeatureKV's CPU time goes, by part and by method
        --keep-recordings DIRECTORY  of what that is told from; implies --profile
        --executable FILE  FeatureKV; cli/target/featurekv unless said otherwise
        --dir DIRECTORY    where everything lies, deleted at the end; bench/target/data
        --results DIRECTORY  of the JSON files; bench/results unless said otherwise
        --quick            sizes of 250k and 1M, Parquet only, sections grow,peers,sects
        -o, --output FORMAT  table, or json: a table and a file under bench/results/
        -h, --help
      """;

  private static final int MOST_ENTRIES = 1_000_000_000;

  private List<Integer> entries = List.of(10_000_000, 50_000_000, 100_000_000);
  private Set<String> sources = new LinkedHashSet<>(LoadsOptions.SOURCES);
  private Set<String> kinds = Set.of("mem", "idx");
  private Set<String> peers = new LinkedHashSet<>(LoadsOptions.PEERS);
  private List<Integer> peerEntries = List.of(10_000_000, 50_000_000);
  private Set<String> sections = new LinkedHashSet<>(LoadsOptions.SECTIONS);
  private int wideEntries = 20_000_000;
  private int smallEntries = 300_000_000;
  private final Map<String, Integer> sectEntries =
      new LinkedHashMap<>(Map.of("mem", 20_000_000, "idx", 50_000_000));
  private int builderEntries = 5_000_000;
  private List<String> builders = List.of("nodes");
  private String memory = "";
  private Path executable = Path.of("cli", "target", "featurekv");
  private Path directory = Path.of("bench", "target", "data");
  private Path resultsDirectory = Path.of("bench", "results");
  private boolean isProfiled;
  private @Nullable Path keptRecordings;
  private boolean isJson;

  private LoadsOptionParser() {}

  /** Later options win over earlier ones, {@code --quick} included. */
  static LoadsOptions parse(List<String> arguments) throws BadOption {
    LoadsOptionParser parser = new LoadsOptionParser();
    OptionParser.forEach(
        arguments,
        Map.of("--quick", parser::setQuick, "--profile", () -> parser.isProfiled = true),
        parser::set);
    LoadsOptions options = parser.options(arguments);
    if (options.isProfiled() && !FlightRecordings.takes(options.directory())) {
      throw new BadOption(
          "--profile: expected a --dir without blanks and commas, found '"
              + options.directory().toAbsolutePath()
              + "'");
    }
    return options;
  }

  private void setQuick() {
    entries = List.of(250_000, 1_000_000);
    sources = Set.of("parquet");
    peerEntries = List.of(1_000_000);
    sections = Set.of("grow", "peers", "sects");
    kinds = Set.of("idx");
    sectEntries.putAll(Map.of("mem", 0, "idx", 1_000_000));
  }

  private void set(String name, @Nullable String given) throws BadOption {
    switch (name) {
      case "--entries" -> entries = numbers(name, given);
      case "--sources" -> sources = OptionParser.names(name, given, LoadsOptions.SOURCES);
      case "--kinds" -> kinds = OptionParser.names(name, given, LoadsOptions.OWN);
      case "--peers" -> peers = OptionParser.names(name, given, LoadsOptions.PEERS);
      case "--peer-entries" -> peerEntries = numbers(name, given);
      case "--sections" -> sections = OptionParser.names(name, given, LoadsOptions.SECTIONS);
      case "--wide-entries" -> wideEntries = number(name, given, 1000);
      case "--small-entries" -> smallEntries = number(name, given, 1000);
      case "--sect-mem" -> sectEntries.put("mem", number(name, given, 0));
      case "--sect-idx" -> sectEntries.put("idx", number(name, given, 0));
      case "--builder-entries" -> builderEntries = number(name, given, 1000);
      case "--builders" ->
          builders = List.copyOf(OptionParser.names(name, given, LoadsOptions.BUILDERS));
      case "--memory" -> memory = OptionParser.there(name, given);
      case "--keep-recordings" -> {
        keptRecordings = Path.of(OptionParser.there(name, given));
        isProfiled = true;
      }
      case "--executable" -> executable = Path.of(OptionParser.there(name, given));
      case "--dir" -> directory = Path.of(OptionParser.there(name, given));
      case "--results" -> resultsDirectory = Path.of(OptionParser.there(name, given));
      case "-o", "--output" -> isJson = OptionParser.isJson(name, OptionParser.there(name, given));
      default -> throw new BadOption("unknown option '" + name + "'; --help lists them");
    }
  }

  private static int number(String name, @Nullable String given, int min) throws BadOption {
    return OptionParser.number(name, given, min, MOST_ENTRIES);
  }

  private static List<Integer> numbers(String name, @Nullable String given) throws BadOption {
    List<Integer> numbers = new ArrayList<>();
    for (String word : OptionParser.there(name, given).split(",", -1)) {
      numbers.add(number(name, word, 1000));
    }
    return numbers;
  }

  private LoadsOptions options(List<String> arguments) {
    return new LoadsOptions(
        arguments,
        entries,
        sources,
        kinds,
        peers,
        peerEntries,
        sections,
        wideEntries,
        smallEntries,
        sectEntries,
        builderEntries,
        builders,
        memory,
        isProfiled,
        keptRecordings,
        executable.toAbsolutePath(),
        directory,
        isJson ? resultsDirectory : null);
  }
}
