package io.featurekv.loader.source;

/**
 * A part of an input. What its bounds count is the input's own business: bytes of text, row groups
 * of Parquet, generated entries.
 *
 * <p>Of text divided by bytes, a part has the rows that begin in it. One that begins inside the
 * text assumes that a row begins after its first line break; that is wrong where the break stands
 * inside a quoted field. So {@link RowSource#startedAt} has to equal {@link RowSource#endedAt} of
 * the part before it; where it does not, the part counts for nothing, nor does a failure to read
 * it, and {@link #from(long)} that end is to be read instead.
 *
 * @param input the index of the input
 * @param from where it begins
 * @param to where it ends, exclusive
 * @param lengthBytes about how many bytes reading it takes, -1 where that is not known
 */
public record Part(int input, long from, long to, long lengthBytes) {
  /** The end of a part that has everything there is. */
  public static final long END = Long.MAX_VALUE;

  /** An input that is not divided. */
  public static Part whole(int input, long lengthBytes) {
    return new Part(input, 0, END, lengthBytes);
  }

  /** The same part, beginning elsewhere. */
  public Part from(long begin) {
    return new Part(input, begin, to, lengthBytes);
  }
}
