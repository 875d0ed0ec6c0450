package io.featurekv.bench.profile;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells which part a stack trace belongs to: that of the first frame, from the top down, that is
 * known to belong to one. What works for several parts (copying, files, buffers, records, prefixes
 * of keys, blocks that are read) is not listed, so that it counts for whoever calls it. Remembers
 * frames; one thread.
 */
final class StackParts {
  /**
   * What frames, as {@code package.Class.method}, begin with; the longest that fits counts. {@code
   * ShardBuilding} walks merged records and hands them on, so that what is inlined into it is
   * merging as well as laying out.
   */
  static final Map<String, Part> PREFIXES =
      Map.ofEntries(
          Map.entry("dev.hardwood.", Part.PARSE),
          Map.entry("io.featurekv.loader.source.", Part.PARSE),
          Map.entry("io.featurekv.loader.Generated", Part.PARSE),
          Map.entry("io.featurekv.loader.InputReading", Part.PARSE),
          Map.entry("io.featurekv.loader.row.", Part.MAP),
          Map.entry("io.featurekv.loader.SplitReading", Part.MAP),
          Map.entry("io.featurekv.loader.SplitWork", Part.MAP),
          Map.entry("io.featurekv.loader.RunMaking.add", Part.BUFFER),
          Map.entry("io.featurekv.loader.BufferPool", Part.BUFFER),
          Map.entry("io.featurekv.loader.sort.SortBuffer.add", Part.BUFFER),
          Map.entry("io.featurekv.loader.sort.SortBuffer.makeRoom", Part.BUFFER),
          Map.entry("io.featurekv.loader.sort.SortBuffer.usedBytes", Part.BUFFER),
          Map.entry("io.featurekv.loader.sort.ShardChunks", Part.BUFFER),
          Map.entry("io.featurekv.loader.sort.SortBuffer.sort", Part.SORT),
          Map.entry("io.featurekv.loader.sort.SortBuffer.scatterByShard", Part.SORT),
          Map.entry("io.featurekv.loader.sort.SortBuffer.dropDuplicates", Part.SORT),
          Map.entry("io.featurekv.loader.sort.IndexSort", Part.SORT),
          Map.entry("io.featurekv.loader.sort.SortBuffer.writeTo", Part.WRITE_RUNS),
          Map.entry("io.featurekv.loader.sort.RunWriter", Part.WRITE_RUNS),
          Map.entry("io.featurekv.loader.sort.RunFile", Part.WRITE_RUNS),
          Map.entry("io.featurekv.loader.sort.FileCursor", Part.MERGE),
          Map.entry("io.featurekv.loader.sort.BufferCursor", Part.MERGE),
          Map.entry("io.featurekv.loader.sort.StoredCursor", Part.MERGE),
          Map.entry("io.featurekv.loader.sort.MergeCursor", Part.MERGE),
          Map.entry("io.featurekv.loader.sort.SortedRuns", Part.MERGE),
          Map.entry("io.featurekv.loader.ShardBuilding", Part.LAY_OUT),
          Map.entry("io.featurekv.storage.ShardFileWriter", Part.LAY_OUT),
          Map.entry("io.featurekv.storage.MemDataWriter", Part.LAY_OUT),
          Map.entry("io.featurekv.storage.IdxDataWriter", Part.LAY_OUT),
          Map.entry("io.featurekv.storage.BlkDataWriter", Part.LAY_OUT),
          Map.entry("io.featurekv.storage.HeapWriter", Part.LAY_OUT),
          Map.entry("io.featurekv.storage.PerfectHashWriter", Part.LAY_OUT),
          Map.entry("io.featurekv.storage.SeedSearch", Part.LAY_OUT),
          Map.entry("io.featurekv.storage.GrowingLongs", Part.LAY_OUT),
          Map.entry("io.featurekv.storage.KeyFilterWriter", Part.LAY_OUT),
          Map.entry("io.featurekv.storage.KeyIndexWriter", Part.LAY_OUT),
          Map.entry("io.featurekv.storage.BlockEntries", Part.LAY_OUT),
          Map.entry("io.featurekv.storage.BlockStore", Part.LAY_OUT),
          Map.entry("io.featurekv.storage.LmdbTreeWriter", Part.LAY_OUT),
          Map.entry("io.featurekv.storage.BlockCompressor", Part.COMPRESS),
          Map.entry("io.featurekv.storage.ZstdStream", Part.COMPRESS),
          Map.entry("io.featurekv.storage.BlobWriter", Part.WRITE_FILES),
          Map.entry("io.featurekv.storage.LmdbFileWriter", Part.WRITE_FILES),
          Map.entry("io.featurekv.storage.PageFileWriter", Part.WRITE_FILES),
          Map.entry("io.featurekv.storage.WriteBehind", Part.WRITE_FILES),
          Map.entry("io.featurekv.storage.IdxReadBack", Part.READ_BACK),
          Map.entry("io.featurekv.storage.BlkReadBack", Part.READ_BACK),
          Map.entry("io.featurekv.storage.MemReadBack", Part.READ_BACK),
          Map.entry("io.featurekv.storage.IdxCursor", Part.READ_BACK),
          Map.entry("io.featurekv.storage.BlkCursor", Part.READ_BACK),
          Map.entry("io.featurekv.storage.MemCursor", Part.READ_BACK),
          Map.entry("io.featurekv.storage.GuideCheck", Part.READ_BACK),
          Map.entry("io.featurekv.storage.PieceReader", Part.READ_BACK),
          Map.entry("io.featurekv.storage.BlobReader", Part.READ_BACK),
          Map.entry("io.featurekv.storage.EntrySum", Part.DIGEST),
          Map.entry("io.featurekv.storage.EntryChecksum", Part.DIGEST),
          Map.entry("io.featurekv.storage.NativeKeyHash", Part.DIGEST),
          Map.entry("io.featurekv.model.KeyHash", Part.DIGEST),
          Map.entry("io.featurekv.model.Digest", Part.DIGEST),
          Map.entry("io.featurekv.model.PieceList", Part.DIGEST),
          Map.entry("java.security.MessageDigest", Part.DIGEST),
          Map.entry("sun.security.provider.", Part.DIGEST),
          Map.entry("java.util.zip.CRC32", Part.DIGEST),
          Map.entry("io.featurekv.node.load.", Part.SHIP),
          Map.entry("io.featurekv.node.shipping.", Part.SHIP),
          Map.entry("io.featurekv.node.build.RunFetch", Part.SHIP),
          Map.entry("io.featurekv.node.build.RunServer", Part.SHIP),
          Map.entry("io.featurekv.node.build.ShardHandover", Part.SHIP),
          Map.entry("io.featurekv.client.transport.", Part.SHIP),
          Map.entry("io.featurekv.storage.ShardOpening", Part.OPEN),
          Map.entry("io.featurekv.storage.BodyReader", Part.OPEN),
          Map.entry("io.featurekv.storage.ShardProbe", Part.OPEN),
          Map.entry("io.featurekv.storage.LmdbProbe", Part.OPEN),
          Map.entry("io.featurekv.node.reconcile.", Part.OPEN),
          Map.entry("io.featurekv.storage.BatchLookup", Part.READ),
          Map.entry("io.featurekv.node.serving.", Part.READ),
          Map.entry("io.featurekv.metadata.", Part.CONTROL),
          Map.entry("io.featurekv.node.", Part.CONTROL),
          Map.entry("org.apache.ratis.", Part.CONTROL));

  private final Map<String, Optional<Part>> known = new HashMap<>();

  /** The part of a stack trace whose frames, the top first, are {@code package.Class.method}. */
  Part of(List<String> frames) {
    return frames.stream().flatMap(frame -> of(frame).stream()).findFirst().orElse(Part.OTHER);
  }

  private Optional<Part> of(String frame) {
    return known.computeIfAbsent(frame, StackParts::longest);
  }

  private static Optional<Part> longest(String frame) {
    return PREFIXES.entrySet().stream()
        .filter(prefix -> frame.startsWith(prefix.getKey()))
        .max(Comparator.comparingInt(prefix -> prefix.getKey().length()))
        .map(Map.Entry::getValue);
  }
}
