package io.featurekv.storage;

import static io.featurekv.storage.ShardFileFormat.BLOCK_TARGET_BYTES;
import static io.featurekv.storage.ShardFileFormat.CODEC_PLAIN;
import static io.featurekv.storage.ShardFileFormat.CODEC_ZSTD;
import static io.featurekv.storage.ShardFileFormat.CODEC_ZSTD_DICTIONARY;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDictCompress;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compresses blocks with zstd, with a dictionary where one pays. Not thread-safe. */
final class BlockCompressor implements AutoCloseable {
  private static final int LEVEL = 3;

  /** Below these there is too little to learn from. */
  private static final int MIN_SAMPLES = 32;

  private static final int MIN_SAMPLE_BYTES = 64 << 10;

  /** How much of the samples is compressed as one to see whether a dictionary could pay. */
  private static final int COMMON_PROBE_BYTES = 128 << 10;

  private static final int MAX_DICTIONARY_BYTES = 32 << 10;
  private static final int SAMPLE_TO_DICTIONARY = 16;

  /**
   * A block that shrinks by less than a sixteenth is stored as it is, for it is then read in place.
   */
  private static final int WORTH_SHIFT = 4;

  private static final int KEPT_BUFFER_BYTES = 1 << 20;

  private final ZstdCompressCtx context;
  private final @Nullable ZstdDictCompress prepared;
  private final byte @Nullable [] dictionary;
  private byte[] output = new byte[0];
  private byte[] stored = output;
  private int storedLength;
  private byte codec;

  private BlockCompressor(byte @Nullable [] dictionary) {
    NativeLibraries.prepare();
    this.dictionary = dictionary;
    this.context =
        new ZstdCompressCtx()
            .setLevel(LEVEL)
            .setMagicless(true)
            .setContentSize(false)
            .setDictID(false)
            .setChecksum(false);
    this.prepared = dictionary == null ? null : new ZstdDictCompress(dictionary, LEVEL);
    if (prepared != null) {
      context.loadDict(prepared);
    }
  }

  /** With a dictionary, or without one. */
  static BlockCompressor with(byte @Nullable [] dictionary) {
    return new BlockCompressor(dictionary);
  }

  /**
   * With a dictionary trained on the samples, if these are enough and it saves more than its own
   * length on them.
   */
  private static BlockCompressor trainedOn(List<byte[]> blocks) {
    NativeLibraries.prepare();
    BlockCompressor plain = new BlockCompressor(null);
    byte[] dictionary = train(blocks);
    if (dictionary == null) {
      return plain;
    }
    BlockCompressor trained = new BlockCompressor(dictionary);
    boolean pays = trained.total(blocks) + dictionary.length < plain.total(blocks);
    (pays ? plain : trained).close();
    return pays ? trained : plain;
  }

  /** As {@link BlockDictionary#train}. */
  static byte @Nullable [] dictionaryFor(List<byte[]> samples) {
    try (BlockCompressor trained = trainedOn(samples)) {
      return trained.dictionary();
    }
  }

  private static byte @Nullable [] train(List<byte[]> blocks) {
    byte[][] samples =
        blocks.stream().filter(b -> b.length <= BLOCK_TARGET_BYTES).toArray(byte[][]::new);
    long bytes = Arrays.stream(samples).mapToLong(b -> b.length).sum();
    if (samples.length < MIN_SAMPLES
        || bytes < MIN_SAMPLE_BYTES
        || !haveSomethingInCommon(samples)) {
      return null;
    }
    byte[] dictionary =
        new byte[(int) Math.min(MAX_DICTIONARY_BYTES, bytes / SAMPLE_TO_DICTIONARY)];
    long length = Zstd.trainFromBuffer(samples, dictionary, false, LEVEL);
    // Samples without anything in common give an error, not a dictionary.
    return Zstd.isError(length) ? null : Arrays.copyOf(dictionary, (int) length);
  }

  /**
   * Whether a run of samples compresses as one: what a dictionary could save shows there, at a
   * small part of the cost of training one.
   */
  private static boolean haveSomethingInCommon(byte[][] samples) {
    byte[] together = new byte[COMMON_PROBE_BYTES];
    int length = 0;
    for (byte[] sample : samples) {
      int part = Math.min(sample.length, together.length - length);
      System.arraycopy(sample, 0, together, length, part);
      length += part;
    }
    byte[] compressed = Zstd.compress(Arrays.copyOf(together, length), 1);
    return compressed.length < length - (length >> WORTH_SHIFT);
  }

  private long total(List<byte[]> blocks) {
    long total = 0;
    for (byte[] block : blocks) {
      compress(block, block.length);
      total += storedLength;
    }
    return total;
  }

  byte @Nullable [] dictionary() {
    return dictionary;
  }

  /**
   * Compresses a block; the outcome stands in {@link #stored()}, {@link #storedLength()} and {@link
   * #codec()} until the next one.
   */
  void compress(byte[] plain, int length) {
    int bound = Math.toIntExact(Zstd.compressBound(length));
    if (bound > output.length || output.length > Math.max(bound, KEPT_BUFFER_BYTES)) {
      output = new byte[bound];
    }
    int compressed = context.compressByteArray(output, 0, output.length, plain, 0, length);
    if (compressed < 0) {
      throw new FeatureKvException(ErrorCode.INTERNAL, "zstd failed on " + length + " bytes");
    }
    boolean pays = compressed < length - (length >> WORTH_SHIFT);
    codec = !pays ? CODEC_PLAIN : dictionary == null ? CODEC_ZSTD : CODEC_ZSTD_DICTIONARY;
    stored = pays ? output : plain;
    storedLength = pays ? compressed : length;
  }

  byte[] stored() {
    return stored;
  }

  int storedLength() {
    return storedLength;
  }

  byte codec() {
    return codec;
  }

  @Override
  public void close() {
    context.close();
    if (prepared != null) {
      prepared.close();
    }
  }
}
