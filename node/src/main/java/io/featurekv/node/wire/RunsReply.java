package io.featurekv.node.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Body of RUNS: {@code u32 count | count x (u32 split | u32 runs | runs x (u64 offset | u64 length
 * | u64 records) | u32 parts | parts x u64 spanned | u64 dropped rows | u64 dropped sum)}.
 */
public record RunsReply(List<SplitRuns> splits) {
  private static final int RUN_BYTES = 3 * Long.BYTES;

  /**
   * The runs of one split.
   *
   * @param spans lines or rows of each part of the split, by which rows are numbered
   * @param droppedRows rows of the shard that sorting these runs has left out
   * @param droppedSum of their checksums
   */
  public record SplitRuns(
      int split, List<RunRange> runs, List<Long> spans, long droppedRows, long droppedSum) {
    public SplitRuns {
      runs = List.copyOf(runs);
      spans = List.copyOf(spans);
    }
  }

  /** Where in a run's file the part of the shard is, and how many records it has. */
  public record RunRange(long offset, long lengthBytes, long records) {}

  public RunsReply {
    splits = List.copyOf(splits);
  }

  /** The bytes. */
  public ByteBuffer encode() {
    int bytes = Integer.BYTES;
    for (SplitRuns split : splits) {
      bytes +=
          3 * Integer.BYTES
              + split.runs().size() * RUN_BYTES
              + (split.spans().size() + 2) * Long.BYTES;
    }
    ByteBuffer out = Fields.allocate(bytes);
    out.putInt(splits.size());
    for (SplitRuns split : splits) {
      out.putInt(split.split()).putInt(split.runs().size());
      for (RunRange run : split.runs()) {
        out.putLong(run.offset()).putLong(run.lengthBytes()).putLong(run.records());
      }
      out.putInt(split.spans().size());
      split.spans().forEach(out::putLong);
      out.putLong(split.droppedRows()).putLong(split.droppedSum());
    }
    return out.flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static RunsReply decode(ByteBuffer body) {
    return Fields.decode(
        "RUNS",
        body,
        in -> {
          List<SplitRuns> splits = new ArrayList<>();
          for (int left = in.getInt(); left > 0; left--) {
            int split = in.getInt();
            List<RunRange> runs = new ArrayList<>();
            for (int i = in.getInt(); i > 0; i--) {
              runs.add(new RunRange(in.getLong(), in.getLong(), in.getLong()));
            }
            List<Long> spans = new ArrayList<>();
            for (int i = in.getInt(); i > 0; i--) {
              spans.add(in.getLong());
            }
            splits.add(new SplitRuns(split, runs, spans, in.getLong(), in.getLong()));
          }
          return new RunsReply(splits);
        });
  }
}
