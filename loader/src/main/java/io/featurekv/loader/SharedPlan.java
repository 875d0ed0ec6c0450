package io.featurekv.loader;

import io.featurekv.loader.sort.DiskFailure;
import io.featurekv.loader.source.Input;
import io.featurekv.loader.source.Part;
import io.featurekv.model.KeyHash;
import io.featurekv.model.RowSchema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a build is divided among processes. Each makes it of the inputs as it sees them, and two that
 * see the same make the same plan. Immutable.
 */
public final class SharedPlan {
  private static final long MIN_SPLIT_BYTES = 4L << 20;
  private static final long MAX_SPLIT_BYTES = 512L << 20;

  /** So many splits for each that works at once make the work even. */
  private static final int SPLITS_PER_WORKER = 6;

  private final BuildInputs inputs;
  private final List<Split> splits;
  private final long targetBytes;

  /**
   * One split, for others to know it by.
   *
   * @param what for a person
   * @param lengthBytes about how much reading it takes, 0 where that is not known
   * @param identity hash of the inputs' identities and of its bounds
   * @param continued whether it begins in the input in which the one before it ends
   */
  public record Piece(String what, long lengthBytes, long identity, boolean continued) {}

  /** An input and what it was; see {@link Input#identity()}. */
  public record InputState(String name, String identity) {}

  private SharedPlan(BuildInputs inputs, List<Split> splits, long targetBytes) {
    this.inputs = inputs;
    this.splits = splits;
    this.targetBytes = targetBytes;
  }

  /**
   * The plan with splits of about so many bytes, for a table with these columns, or null for
   * values of bytes.
   *
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT where the inputs cannot be found
   *     or are not of their format
   */
  public static SharedPlan of(
      String table,
      InputSpec input,
      @Nullable RowSchema schema,
      long maxValueBytes,
      long targetBytes) {
    BuildInputs inputs =
        BuildInputs.of(table, input, schema, maxValueBytes, InputStream.nullInputStream());
    return new SharedPlan(inputs, split(inputs, targetBytes), targetBytes);
  }

  /**
   * A plan with work for so many at once, and no more splits than {@code maxSplits} unless there
   * are as many inputs that cannot share one.
   */
  public static SharedPlan forWorkers(
      String table,
      InputSpec input,
      @Nullable RowSchema schema,
      long maxValueBytes,
      int workers,
      int maxSplits) {
    BuildInputs inputs =
        BuildInputs.of(table, input, schema, maxValueBytes, InputStream.nullInputStream());
    long length = inputs.lengthBytes();
    long even = length < 0 ? MAX_SPLIT_BYTES : length / workers / SPLITS_PER_WORKER;
    long target =
        Math.max(Math.clamp(even, MIN_SPLIT_BYTES, MAX_SPLIT_BYTES), 2 * length / maxSplits);
    return new SharedPlan(inputs, split(inputs, target), target);
  }

  private static List<Split> split(BuildInputs inputs, long targetBytes) {
    try {
      return Split.plan(inputs.inputs(), targetBytes);
    } catch (IOException e) {
      throw DiskFailure.of("the inputs cannot be read", e);
    }
  }

  /** Bytes of a split that it aimed for. */
  public long targetBytes() {
    return targetBytes;
  }

  /** Every input, in order. */
  public List<InputState> inputStates() {
    return inputs.inputs().stream()
        .map(input -> new InputState(input.name(), input.identity()))
        .toList();
  }

  /** Names of inputs that another process could not read, such as standard input. */
  public List<String> unshared() {
    return inputs.inputs().stream()
        .filter(input -> !input.isShared())
        .map(Input::name)
        .toList();
  }

  /** Every split, in order. */
  public List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>(splits.size());
    for (Split split : splits) {
      pieces.add(
          new Piece(
              describe(split),
              Math.max(0, split.lengthBytes()),
              identity(split),
              isContinued(split.number())));
    }
    return pieces;
  }

  private String describe(Split split) {
    Part first = split.parts().getFirst();
    Part last = split.parts().getLast();
    String name = inputs.name(first.input());
    if (first.input() != last.input()) {
      return name + " and " + (last.input() - first.input()) + " more";
    }
    boolean isWhole = first.from() == 0 && last.to() == Part.END;
    return isWhole
        ? name
        : name + " " + first.from() + ".." + (last.to() == Part.END ? "" : last.to());
  }

  private long identity(Split split) {
    StringBuilder text = new StringBuilder();
    for (Part part : split.parts()) {
      text.append(inputs.inputs().get(part.input()).identity())
          .append('\0')
          .append(part.from())
          .append('\0')
          .append(part.to())
          .append('\0');
    }
    return KeyHash.of(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  boolean isContinued(int split) {
    return split > 0
        && splits.get(split).parts().getFirst().input()
            == splits.get(split - 1).parts().getLast().input();
  }

  /** Whether the input in which a split ends goes on in the next one. */
  boolean goesOn(int split) {
    return split + 1 < splits.size() && isContinued(split + 1);
  }

  BuildInputs inputs() {
    return inputs;
  }

  List<Split> splits() {
    return splits;
  }
}
