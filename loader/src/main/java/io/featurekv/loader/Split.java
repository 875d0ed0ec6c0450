package io.featurekv.loader;

import io.featurekv.loader.source.Input;
import io.featurekv.loader.source.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A unit of reading: consecutive parts of the inputs, read by one thread in order.
 *
 * @param number from 0, in input order
 * @param firstPart number of its first part among all parts of the build
 * @param lengthBytes about how much reading it takes, -1 where that is not known
 */
public record Split(int number, int firstPart, List<Part> parts, long lengthBytes) {
  /** Most splits of one build. */
  public static final int MAX_SPLITS = 1 << 16;

  public Split {
    parts = List.copyOf(parts);
  }

  /** The same split, its first part beginning elsewhere. */
  Split from(long begin) {
    List<Part> moved = new ArrayList<>(parts);
    moved.set(0, parts.getFirst().from(begin));
    return new Split(number, firstPart, moved, lengthBytes);
  }

  /**
   * Divides inputs into splits of about {@code targetBytes}; small inputs share one.
   *
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT when an input is not of its
   *     format
   */
  public static List<Split> plan(List<Input> inputs, long targetBytes) throws IOException {
    List<Split> splits = new ArrayList<>();
    List<Part> open = new ArrayList<>();
    long openBytes = 0;
    int partCount = 0;
    for (int input = 0; input < inputs.size(); input++) {
      for (Part part : inputs.get(input).parts(input, targetBytes)) {
        // What is of unknown length stands alone.
        long bytes = part.lengthBytes() < 0 ? targetBytes : part.lengthBytes();
        if (!open.isEmpty() && openBytes + bytes > targetBytes) {
          splits.add(new Split(splits.size(), partCount - open.size(), open, openBytes));
          open = new ArrayList<>();
          openBytes = 0;
        }
        open.add(part);
        openBytes += bytes;
        partCount++;
      }
    }
    if (!open.isEmpty()) {
      splits.add(new Split(splits.size(), partCount - open.size(), open, openBytes));
    }
    return splits;
  }
}
