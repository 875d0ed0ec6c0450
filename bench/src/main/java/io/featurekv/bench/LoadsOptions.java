package io.featurekv.bench;

import io.featurekv.bench.report.LocalPaths;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to measure of loads.
 *
 * @param command the words of the command line, for the record
 * @param entries sizes of the sets of section grow
 * @param sources formats of these, see {@link #SOURCES}
 * @param kinds of FeatureKV's tables, see {@link #OWN}
 * @param peers see {@link #PEERS}
 * @param peerEntries sizes of the sets of section peers
 * @param sections see {@link #SECTIONS}
 * @param wideEntries of values of 400 bytes
 * @param smallEntries of values of 8 bytes
 * @param sectEntries by kind of table, of sets for three sects
 * @param builderEntries of the set that one, two and three builders load
 * @param builders who builds FeatureKV's tables, see {@link #BUILDERS}
 * @param memory for FeatureKV's loads, as the command takes it; empty for its own choice
 * @param isProfiled whether FeatureKV's processes are recorded
 * @param keptRecordings directory that their recordings are copied to; null for none
 * @param executable FeatureKV
 * @param directory in which a directory for everything is made, and deleted at the end
 * @param results directory of the JSON file; null for none
 */
record LoadsOptions(
    List<String> command,
    List<Integer> entries,
    Set<String> sources,
    Set<String> kinds,
    Set<String> peers,
    List<Integer> peerEntries,
    Set<String> sections,
    int wideEntries,
    int smallEntries,
    Map<String, Integer> sectEntries,
    int builderEntries,
    List<String> builders,
    String memory,
    boolean isProfiled,
    @Nullable Path keptRecordings,
    Path executable,
    Path directory,
    @Nullable Path results) {
  static final List<String> SOURCES = List.of("parquet", "csv");

  /** Kinds of FeatureKV's tables. */
  static final List<String> OWN = List.of("mem", "idx", "blk");

  /** The nodes, or the process that runs the load and ships to them. */
  static final List<String> BUILDERS = List.of("nodes", "client");

  static final List<String> PEERS = List.of("rocksdb-unsorted", "rocksdb-sorted", "sparkey");

  /**
   * Parts of a run: sets of growing size; other stores from the same files; long values; short
   * ones; one sect and three; one builder, two and three.
   */
  static final List<String> SECTIONS =
      List.of("grow", "peers", "wide", "small", "sects", "builders");

  LoadsOptions {
    command = List.copyOf(command);
    entries = List.copyOf(entries);
    sources = Set.copyOf(sources);
    kinds = Set.copyOf(kinds);
    peers = Set.copyOf(peers);
    peerEntries = List.copyOf(peerEntries);
    sections = Set.copyOf(sections);
    sectEntries = Map.copyOf(sectEntries);
    builders = List.copyOf(builders);
  }

  /** Whether nodes build, for each way that is asked for. */
  List<Boolean> onCluster() {
    return BUILDERS.stream()
        .filter(builders::contains)
        .map(builder -> builder.equals("nodes"))
        .toList();
  }

  /** For the record of a run. */
  Map<String, Object> describe() {
    Map<String, Object> words = new LinkedHashMap<>();
    words.put("command", LocalPaths.seenFromHere("bench/load " + String.join(" ", command)));
    words.put("entries", entries);
    words.put("sources", SOURCES.stream().filter(sources::contains).toList());
    words.put("kinds", OWN.stream().filter(kinds::contains).toList());
    words.put("peers", PEERS.stream().filter(peers::contains).toList());
    words.put("peer_entries", peerEntries);
    words.put("sections", SECTIONS.stream().filter(sections::contains).toList());
    words.put("wide_entries", wideEntries);
    words.put("small_entries", smallEntries);
    words.put("sect_entries", new LinkedHashMap<>(sectEntries));
    words.put("builder_entries", builderEntries);
    words.put("builders", builders);
    words.put("memory", memory.isEmpty() ? "by itself" : memory);
    words.put("profile", isProfiled);
    words.put("executable", LocalPaths.seenFromHere(executable.toString()));
    return words;
  }
}
