package io.featurekv.bench;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to measure.
 *
 * @param only names of FeatureKV's tables, see {@link #OWN}
 * @param peers names of other stores, see {@link #PEERS}
 * @param sections see {@link #SECTIONS}
 * @param shards of FeatureKV's tables
 * @param batch keys of one get
 * @param rounds turns of each store that count
 * @param buildRounds builds of each store, from each kind of input
 * @param turnMillis how long a turn takes
 * @param coldSeconds how long each cold store is read, all rounds together
 * @param directory in which a directory for stores is made, and deleted at the end
 * @param results directory of the JSON file; null for none
 */
record BenchOptions(
    int entries,
    Set<String> only,
    Set<String> peers,
    Set<String> sections,
    int shards,
    int batch,
    int rounds,
    int buildRounds,
    int turnMillis,
    int coldSeconds,
    long seed,
    Path directory,
    @Nullable Path results) {
  /** FeatureKV's tables: values of one length, of any length; indexed; compressed. */
  static final List<String> OWN = List.of("mem", "mem-any", "idx", "blk");

  static final List<String> PEERS = List.of("lmdb", "rocksdb", "sparkey", "chronicle");

  /**
   * Parts of a run: building, opening, batched gets, scans; other shard counts and chains;
   * compressible values; reading with less memory than data.
   */
  static final List<String> SECTIONS =
      List.of("build", "open", "get", "scan", "shapes", "columns", "cold");

  BenchOptions {
    only = Set.copyOf(only);
    peers = Set.copyOf(peers);
    sections = Set.copyOf(sections);
  }

  long turnNanos() {
    return turnMillis * 1_000_000L;
  }

  /** For the record of a run. */
  Map<String, Object> describe() {
    Map<String, Object> words = new LinkedHashMap<>();
    words.put("entries", entries);
    words.put("tables", OWN.stream().filter(only::contains).toList());
    words.put("peers", PEERS.stream().filter(peers::contains).toList());
    words.put("sections", SECTIONS.stream().filter(sections::contains).toList());
    words.put("shards", shards);
    words.put("batch", batch);
    words.put("rounds", rounds);
    words.put("build_rounds", buildRounds);
    words.put("turn_millis", turnMillis);
    words.put("cold_seconds", coldSeconds);
    words.put("seed", seed);
    return words;
  }
}
