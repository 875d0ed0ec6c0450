package io.featurekv.bench;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.data.ValueShape;
import io.featurekv.bench.engine.Engine;
import io.featurekv.bench.engine.FeatureKvEngine;
import io.featurekv.bench.peer.ChronicleEngine;
import io.featurekv.bench.peer.LmdbEngine;
import io.featurekv.bench.peer.RocksEngine;
import io.featurekv.bench.peer.SparkeyEngine;
import io.featurekv.model.TableKind;
import java.util.ArrayList;
import java.util.List;

/** An engine and what it stores. */
record Subject(Engine engine, EntrySet entries) {
  /** RocksDB's block cache holds all of the data: bytes an entry, its own overhead included. */
  private static final long CACHE_BYTES_PER_ENTRY = 180;

  private static final long MIN_CACHE_BYTES = 64 << 20;

  /** Block cache over compressed blocks: small, so that most gets miss it. */
  private static final long SMALL_CACHE_BYTES = 32 << 20;

  String name() {
    return engine.name();
  }

  private static Subject own(String name, BenchOptions options, int shards, boolean isChain) {
    String table = name.replaceAll("[/+].*", "");
    TableKind kind = table.equals("mem-any") ? TableKind.MEM : TableKind.ofWord(table);
    ValueShape shape = table.equals("mem-any") ? ValueShape.VARIED : ValueShape.FIXED;
    return new Subject(
        new FeatureKvEngine(name, kind, shards, isChain), EntrySet.plain(options.entries(), shape));
  }

  /** FeatureKV's tables that were asked for, then the peers. */
  static List<Subject> main(BenchOptions options) {
    List<Subject> subjects = new ArrayList<>();
    for (String name : BenchOptions.OWN) {
      if (options.only().contains(name)) {
        subjects.add(own(name, options, options.shards(), false));
      }
    }
    EntrySet entries = EntrySet.plain(options.entries(), ValueShape.FIXED);
    for (String name : BenchOptions.PEERS) {
      if (options.peers().contains(name)) {
        subjects.add(new Subject(peer(name, options.entries()), entries));
      }
    }
    return subjects;
  }

  private static Engine peer(String name, int entries) {
    return switch (name) {
      case "lmdb" -> new LmdbEngine();
      case "rocksdb" ->
          new RocksEngine(name, false, Math.max(MIN_CACHE_BYTES, entries * CACHE_BYTES_PER_ENTRY));
      case "sparkey" -> new SparkeyEngine();
      case "chronicle" -> new ChronicleEngine(entries);
      default -> throw new IllegalArgumentException("no peer is named " + name);
    };
  }

  /** Each table in its usual shards, in one shard, and as a full file with increments. */
  static List<Subject> shapes(BenchOptions options) {
    List<Subject> subjects = new ArrayList<>();
    for (String name : List.of("mem", "idx")) {
      if (options.only().contains(name)) {
        subjects.add(own(name, options, options.shards(), false));
        subjects.add(own(name + "/1 shard", options, 1, false));
        Subject chain = own(name + "+4 increments", options, options.shards(), true);
        subjects.add(new Subject(chain.engine(), chain.entries().updated()));
      }
    }
    return subjects;
  }

  /** Those of compressible values. */
  static List<Subject> columns(BenchOptions options) {
    EntrySet entries = EntrySet.plain(options.entries(), ValueShape.COLUMNS);
    List<Subject> subjects = new ArrayList<>();
    for (TableKind kind : List.of(TableKind.IDX, TableKind.BLK)) {
      if (options.only().contains(kind.word())) {
        subjects.add(
            new Subject(new FeatureKvEngine(kind.word(), kind, options.shards(), false), entries));
      }
    }
    if (options.peers().contains("rocksdb")) {
      subjects.add(new Subject(new RocksEngine("rocksdb-zstd", true, SMALL_CACHE_BYTES), entries));
    }
    return subjects;
  }
}
