package io.featurekv.loader.source;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * CSV, TSV or JSON lines, maybe compressed. It is divided by bytes where these can be read from
 * anywhere and are those of the text itself.
 */
final class TextInput implements Input {
  private final Origin origin;
  private final Format format;
  private final ReadOptions options;
  private final Set<String> partitions;

  /** The header of the text, once it has been read; the same for all parts. */
  private volatile @Nullable Known known;

  /** How a seekable text is compressed, once its first bytes have been read. */
  private volatile @Nullable Compression compression;

  /** What was found where the header should be. */
  private record Known(CsvSource.@Nullable Header header) {}

  /**
   * An input.
   *
   * @param format not Parquet
   * @param partitions columns that do not stand in the text itself
   */
  TextInput(Origin origin, Format format, ReadOptions options, Set<String> partitions) {
    this.origin = origin;
    this.format = format;
    this.options = options;
    this.partitions = Set.copyOf(partitions);
  }

  @Override
  public String name() {
    return origin.name();
  }

  @Override
  public long lengthBytes() {
    return origin.lengthBytes();
  }

  @Override
  public String identity() {
    return origin.identity() + "|" + format;
  }

  @Override
  public boolean isShared() {
    return origin.isShared();
  }

  @Override
  public List<Part> parts(int input, long targetBytes) throws IOException {
    if (!origin.isSeekable() || compression() != Compression.NONE) {
      return List.of(Part.whole(input, lengthBytes()));
    }
    return byBytes(input, lengthBytes(), targetBytes);
  }

  /** Parts of equal length, as few as have at most the length that is wanted. */
  private static List<Part> byBytes(int input, long length, long targetBytes) {
    long count = Math.max(1, Math.ceilDiv(length, Math.max(1, targetBytes)));
    long partBytes = Math.max(1, Math.ceilDiv(length, count));
    List<Part> parts = new ArrayList<>();
    long from = 0;
    do {
      long to = Math.min(length, from + partBytes);
      parts.add(new Part(input, from, to, to - from));
      from = to;
    } while (from < length);
    return parts;
  }

  /** The text from an offset on. */
  private TextBuffer buffer(long offset, int maxBytes) throws IOException {
    boolean seekable = origin.isSeekable();
    Compression known = seekable ? compression() : Compression.NONE;
    long end = seekable && known == Compression.NONE ? lengthBytes() : -1;
    InputStream in = origin.open(offset, seekable ? lengthBytes() : Part.END);
    if (!seekable) {
      PushbackInputStream peeked = new PushbackInputStream(in, Compression.MAGIC_BYTES);
      known = compressionOf(peeked);
      in = peeked;
    }
    if (known != Compression.NONE) {
      in = CompressedText.open(name(), known, in);
    }
    return new TextBuffer(name(), in, offset, end, maxBytes);
  }

  private Compression compression() throws IOException {
    Compression found = compression;
    if (found == null) {
      long end = Math.min(lengthBytes(), Compression.MAGIC_BYTES);
      try (InputStream in = origin.open(0, end)) {
        found = compressionOf(new PushbackInputStream(in, Compression.MAGIC_BYTES));
      }
      compression = found;
    }
    return found;
  }

  private Compression compressionOf(PushbackInputStream in) throws IOException {
    byte[] start = new byte[Compression.MAGIC_BYTES];
    int length = in.readNBytes(start, 0, start.length);
    in.unread(start, 0, length);
    Compression found = Compression.ofMagic(start, length);
    Compression named = Compression.ofName(origin.fileName());
    if (length > 0 && named != Compression.NONE && named != found) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          name() + " does not begin as " + named + " does, as its name says");
    }
    return found;
  }

  @Override
  public RowSource open(Part part) throws IOException {
    return switch (format) {
      case CSV -> openCsv(part, ',');
      case TSV -> openCsv(part, '\t');
      case JSON_LINES -> openLines(part);
      case PARQUET -> throw new AssertionError("Parquet is no text");
    };
  }

  private RowSource openLines(Part part) throws IOException {
    int maxBytes = options.maxRowBytes();
    boolean inside = part.from() > 0;
    TextBuffer buffer = buffer(inside ? part.from() - 1 : 0, maxBytes + 1);
    LineReader lines = new LineReader(buffer);
    try {
      if (inside) {
        lines.skipLine();
      }
      return new JsonLinesSource(name(), lines, part.to(), maxBytes);
    } catch (IOException | RuntimeException e) {
      lines.close();
      throw e;
    }
  }

  private RowSource openCsv(Part part, char separator) throws IOException {
    boolean inside = part.from() > 0;
    CsvSource.Header header = inside ? header(separator) : null;
    // Inside of the header, the rows begin behind it, whatever line breaks stand in its quotes.
    boolean skips = inside && header != null && part.from() > header.end();
    long offset = skips ? part.from() - 1 : header == null ? 0 : header.end();
    TextBuffer buffer = buffer(offset, options.maxRowBytes());
    CsvRecords records = new CsvRecords(name(), buffer, separator);
    try {
      if (skips) {
        records.skipLine();
      } else if (!inside) {
        header = CsvSource.Header.read(name(), records);
        known = new Known(header);
      }
      if (header != null) {
        header.checkTypes(name(), options.required(), partitions);
      }
      long startedAt = inside ? records.offset() : 0;
      return new CsvSource(name(), records, header, options.types(), startedAt, part.to());
    } catch (IOException | RuntimeException e) {
      records.close();
      throw e;
    }
  }

  private CsvSource.@Nullable Header header(char separator) throws IOException {
    Known found = known;
    if (found == null) {
      TextBuffer buffer = buffer(0, options.maxRowBytes());
      try (CsvRecords records = new CsvRecords(name(), buffer, separator)) {
        found = new Known(CsvSource.Header.read(name(), records));
        known = found;
      }
    }
    return found.header();
  }
}
