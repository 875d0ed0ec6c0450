package io.featurekv.loader;

import io.featurekv.loader.SplitOutcome.PartOutcome;
import io.featurekv.loader.SplitOutcome.StoredRun;
import io.featurekv.loader.sort.RunFile;
import io.featurekv.model.Digest;
import io.featurekv.model.FileManifest;
import io.featurekv.model.PieceList;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardFileSpec;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * How what became of splits and shards is kept beside their files, in the order of the records'
 * components: numbers big-endian, lists and texts with a u32 length before them.
 */
final class OutcomeCodec {
  private static final int MAX_LENGTH = 1 << 24;

  private OutcomeCodec() {}

  static void write(SplitOutcome outcome, DataOutputStream out) throws IOException {
    out.writeInt(outcome.split());
    out.writeLong(outcome.rows());
    out.writeLong(outcome.rejected());
    writeRejections(outcome.firstRejected(), out);
    writeTallies(outcome.parsed(), out);
    writeTallies(outcome.dropped(), out);
    out.writeInt(outcome.parts().size());
    for (PartOutcome part : outcome.parts()) {
      out.writeLong(part.spanned());
      out.writeBoolean(part.hasColumns());
      writeText(part.lacking(), out);
    }
    out.writeLong(outcome.startedAt());
    out.writeLong(outcome.endedAt());
    out.writeInt(outcome.runs().size());
    for (StoredRun run : outcome.runs()) {
      writeText(run.file(), out);
      writeLongs(run.index().starts(), out);
      writeLongs(run.index().counts(), out);
      writeLongs(run.index().marks(), out);
    }
  }

  static SplitOutcome readSplit(DataInputStream in) throws IOException {
    int split = in.readInt();
    long rows = in.readLong();
    long rejected = in.readLong();
    List<Rejection> first = readRejections(in);
    ShardTallies parsed = readTallies(in);
    ShardTallies dropped = readTallies(in);
    List<PartOutcome> parts = new ArrayList<>();
    for (int left = readLength(in); left > 0; left--) {
      parts.add(new PartOutcome(in.readLong(), in.readBoolean(), readText(in)));
    }
    long startedAt = in.readLong();
    long endedAt = in.readLong();
    List<StoredRun> runs = new ArrayList<>();
    for (int left = readLength(in); left > 0; left--) {
      runs.add(
          new StoredRun(
              readText(in), new RunFile.Index(readLongs(in), readLongs(in), readLongs(in))));
    }
    return new SplitOutcome(
        split, rows, rejected, first, parsed, dropped, parts, startedAt, endedAt, runs);
  }

  /** Of a shard whose file there is. */
  static void write(ShardOutcome outcome, SealedShardFile file, DataOutputStream out)
      throws IOException {
    out.writeLong(outcome.entries());
    out.writeLong(outcome.deleted());
    out.writeLong(outcome.tombstones());
    out.writeLong(outcome.bytes());
    out.writeLong(outcome.parsedRows());
    out.writeLong(outcome.parsedSum());
    out.writeLong(outcome.droppedRows());
    out.writeLong(outcome.droppedSum());
    out.writeLong(outcome.rejected());
    writeRejections(outcome.firstRejected(), out);
    FileManifest manifest = file.manifest();
    out.writeLong(manifest.lengthBytes());
    out.writeLong(manifest.entries());
    out.writeLong(manifest.tombstones());
    out.writeBoolean(manifest.entriesChecksum().isPresent());
    out.writeLong(manifest.entriesChecksum().orElse(0));
    out.writeInt(file.pieces().pieces().size());
    for (Digest piece : file.pieces().pieces()) {
      out.write(piece.toBytes());
    }
    out.writeInt(file.pieceCrcs().size());
    for (int crc : file.pieceCrcs()) {
      out.writeInt(crc);
    }
  }

  /** Of a shard whose file lies at {@code path}. */
  static ShardOutcome readShard(DataInputStream in, ShardFileSpec spec, Path path)
      throws IOException {
    ShardOutcome outcome =
        new ShardOutcome(
            null,
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            readRejections(in));
    long lengthBytes = in.readLong();
    long entries = in.readLong();
    long tombstones = in.readLong();
    boolean hasChecksum = in.readBoolean();
    long checksum = in.readLong();
    List<Digest> digests = new ArrayList<>();
    for (int left = readLength(in); left > 0; left--) {
      byte[] digest = new byte[Digest.BYTES];
      in.readFully(digest);
      digests.add(Digest.of(digest));
    }
    List<Integer> pieceCrcs = new ArrayList<>();
    for (int left = readLength(in); left > 0; left--) {
      pieceCrcs.add(in.readInt());
    }
    PieceList pieces = new PieceList(lengthBytes, digests);
    FileManifest manifest =
        new FileManifest(
            lengthBytes,
            pieces.digest(),
            entries,
            tombstones,
            hasChecksum ? OptionalLong.of(checksum) : OptionalLong.empty());
    return outcome.sealed(new SealedShardFile(spec, path, manifest, pieces, pieceCrcs));
  }

  private static void writeRejections(List<Rejection> rejections, DataOutputStream out)
      throws IOException {
    out.writeInt(rejections.size());
    for (Rejection rejection : rejections) {
      out.writeInt(rejection.part());
      out.writeLong(rejection.row());
      writeText(rejection.reason(), out);
    }
  }

  private static List<Rejection> readRejections(DataInputStream in) throws IOException {
    List<Rejection> rejections = new ArrayList<>();
    for (int left = readLength(in); left > 0; left--) {
      rejections.add(new Rejection(in.readInt(), in.readLong(), readText(in)));
    }
    return rejections;
  }

  private static void writeTallies(ShardTallies tallies, DataOutputStream out) throws IOException {
    out.writeInt(tallies.shards());
    for (int shard = 0; shard < tallies.shards(); shard++) {
      out.writeLong(tallies.rows(shard));
      out.writeLong(tallies.sum(shard));
    }
  }

  private static ShardTallies readTallies(DataInputStream in) throws IOException {
    ShardTallies tallies = new ShardTallies(readLength(in));
    for (int shard = 0; shard < tallies.shards(); shard++) {
      tallies.add(shard, in.readLong(), in.readLong());
    }
    return tallies;
  }

  private static void writeLongs(long[] numbers, DataOutputStream out) throws IOException {
    out.writeInt(numbers.length);
    for (long number : numbers) {
      out.writeLong(number);
    }
  }

  private static long[] readLongs(DataInputStream in) throws IOException {
    long[] numbers = new long[readLength(in)];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = in.readLong();
    }
    return numbers;
  }

  private static void writeText(String text, DataOutputStream out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String readText(DataInputStream in) throws IOException {
    byte[] bytes = new byte[readLength(in)];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static int readLength(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MAX_LENGTH) {
      throw new IOException("a length of " + length);
    }
    return length;
  }
}
