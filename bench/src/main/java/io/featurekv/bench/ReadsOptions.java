package io.featurekv.bench;

import io.featurekv.bench.data.KeyMix;
import io.featurekv.bench.report.LocalPaths;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to measure of servers.
 *
 * @param only kinds of FeatureKV's tables, see {@link #OWN}
 * @param peers names of other servers, see {@link #PEERS}
 * @param sections see {@link #SECTIONS}
 * @param mixes see {@link #MIXES}
 * @param hasResp whether to ask FeatureKV in Redis' protocol, too, where it speaks that
 * @param batch keys of one request
 * @param connections to each server
 * @param depth open batches of each connection
 * @param threads of the load generator
 * @param rounds turns of each server that count
 * @param tailRounds turns at a fixed rate of each server
 * @param rate keys a second of these
 * @param turnMillis how long a turn takes
 * @param warmupMillis how long each server is read before the turns that count
 * @param executable FeatureKV
 * @param directory in which a directory for what servers keep is made, and deleted at the end
 * @param results directory of the JSON file; null for none
 */
record ReadsOptions(
    int entries,
    Set<String> only,
    Set<String> peers,
    Set<String> sections,
    Set<String> mixes,
    boolean hasResp,
    int batch,
    int connections,
    int depth,
    int threads,
    int rounds,
    int tailRounds,
    int rate,
    int turnMillis,
    int warmupMillis,
    long seed,
    Path executable,
    Path directory,
    @Nullable Path results) {
  /** Kinds of FeatureKV's tables. */
  static final List<String> OWN = List.of("mem", "idx", "blk");

  static final List<String> PEERS = List.of("redis", "memcached");

  /**
   * Parts of a run: batched gets; single gets, pipelined and one by one; latency at a fixed rate;
   * FeatureKV's Java client.
   */
  static final List<String> SECTIONS = List.of("batch", "single", "tail", "client");

  /** Which entries are asked for; the first letters of {@link KeyMix}'s titles. */
  static final List<String> MIXES = List.of("uniform", "zipf", "half-absent");

  ReadsOptions {
    only = Set.copyOf(only);
    peers = Set.copyOf(peers);
    sections = Set.copyOf(sections);
    mixes = Set.copyOf(mixes);
  }

  /** The mixes that were asked for, in order. */
  List<KeyMix> keyMixes() {
    return MIXES.stream().filter(mixes::contains).map(ReadsOptions::keyMix).toList();
  }

  private static KeyMix keyMix(String name) {
    return switch (name) {
      case "uniform" -> KeyMix.UNIFORM;
      case "zipf" -> KeyMix.ZIPF;
      default -> KeyMix.HALF_ABSENT;
    };
  }

  long turnNanos() {
    return turnMillis * 1_000_000L;
  }

  long warmupNanos() {
    return warmupMillis * 1_000_000L;
  }

  /** For the record of a run. */
  Map<String, Object> describe() {
    Map<String, Object> words = new LinkedHashMap<>();
    words.put("entries", entries);
    words.put("kinds", OWN.stream().filter(only::contains).toList());
    words.put("peers", PEERS.stream().filter(peers::contains).toList());
    words.put("sections", SECTIONS.stream().filter(sections::contains).toList());
    words.put("mixes", MIXES.stream().filter(mixes::contains).toList());
    words.put("resp", hasResp);
    words.put("batch", batch);
    words.put("connections", connections);
    words.put("depth", depth);
    words.put("generator_threads", threads);
    words.put("rounds", rounds);
    words.put("tail_rounds", tailRounds);
    words.put("rate", rate);
    words.put("turn_millis", turnMillis);
    words.put("warmup_millis", warmupMillis);
    words.put("seed", seed);
    words.put("executable", LocalPaths.seenFromHere(executable.toString()));
    return words;
  }
}
