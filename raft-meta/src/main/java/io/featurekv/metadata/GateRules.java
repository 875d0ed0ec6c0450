package io.featurekv.metadata;

import io.featurekv.model.FileManifest;
import io.featurekv.model.UpdateMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether a version that was built may be sealed, and whether one that was looked into may become
 * ready: pure functions of the metadata, of what the builder counted and of what nodes found.
 *
 * <p>A full version is compared with the active one. How many entries a chain of increments has is
 * known only as a range, since a key that was replaced is in several files: of the two ends, the
 * one counts that lets more pass. An increment shrinks a table by the keys that it deletes and is
 * taken to add all others. Where there is nothing to compare with, anything passes.
 */
public final class GateRules {
  private GateRules() {}

  /**
   * A version that was built.
   *
   * @param bytes length of its files; negative while that is not known
   */
  public record Candidate(
      UpdateMode mode, long entries, long tombstones, long bytes, TaskCounts counts) {
    /** What these files are together. */
    public static Candidate of(UpdateMode mode, List<FileManifest> files, TaskCounts counts) {
      return new Candidate(
          mode,
          files.stream().mapToLong(FileManifest::entries).sum(),
          files.stream().mapToLong(FileManifest::tombstones).sum(),
          files.stream().mapToLong(FileManifest::lengthBytes).sum(),
          counts);
    }
  }

  /** A gate that is shut, and why, with figures. */
  public record Refusal(Gate gate, String why) {
    @Override
    public String toString() {
      return gate.word() + ": " + why + "; --ignore-gates " + gate.word() + " lets it pass";
    }
  }

  /** All of them for a person; empty for none. */
  public static String text(List<Refusal> refusals) {
    return refusals.stream().map(Refusal::toString).collect(Collectors.joining(" | "));
  }

  /** The gates that are shut for a version that is to be sealed on top of what is active now. */
  public static List<Refusal> refusals(TableRecord table, Candidate candidate, Set<Gate> ignored) {
    List<Refusal> refusals = new ArrayList<>();
    Gates gates = table.options().gates();
    boolean isEmpty = candidate.entries() + candidate.tombstones() == 0;
    if (isEmpty) {
      add(refusals, Gate.EMPTY, "there is not a single entry");
    }
    rows(refusals, Gate.REJECTED, gates.maxRejected(), candidate.counts().rejected(), candidate);
    rows(
        refusals,
        Gate.DUPLICATES,
        gates.maxDuplicates(),
        candidate.counts().duplicates(),
        candidate);
    // Who asks for an empty version has asked for its few entries too.
    if (!isEmpty || !ignored.contains(Gate.EMPTY)) {
      compare(refusals, table, candidate);
    }
    refusals.removeIf(refusal -> ignored.contains(refusal.gate()));
    return refusals;
  }

  /** The gates that are shut for a version that was looked into as far as it asks for. */
  static List<Refusal> refusals(TableRecord table, DataCheck check) {
    List<Refusal> refusals = new ArrayList<>();
    if (!check.misses().isEmpty()) {
      add(
          refusals,
          Gate.GOLDEN,
          check.misses().size()
              + " of "
              + table.options().gates().goldenKeys().size()
              + " golden keys are not as expected: "
              + check.misses().stream()
                  .map(GoldenMiss::toString)
                  .collect(Collectors.joining(", ")));
    }
    Share least = table.options().gates().minOverlap();
    if (least != null && check.overlapWith() != 0) {
      overlap(refusals, check, least);
    }
    return refusals;
  }

  private static void overlap(List<Refusal> refusals, DataCheck check, Share least) {
    long sampled = check.sampledKeys();
    if (sampled == 0) {
      add(
          refusals,
          Gate.OVERLAP,
          "no key could be looked up in version "
              + check.overlapWith()
              + "; at least "
              + least.word()
              + " must be there");
    } else if (least.isMoreThan(check.knownKeys(), sampled)) {
      add(
          refusals,
          Gate.OVERLAP,
          count(check.knownKeys())
              + " of "
              + count(sampled)
              + " keys looked up ("
              + Share.percent(check.knownKeys(), sampled)
              + ") are in version "
              + check.overlapWith()
              + "; at least "
              + least.word()
              + " must be there");
    }
  }

  private static void rows(
      List<Refusal> refusals, Gate gate, @Nullable Share most, long part, Candidate candidate) {
    long rows = candidate.counts().rows();
    if (most != null && most.isExceededBy(part, rows)) {
      add(
          refusals,
          gate,
          count(part)
              + " of "
              + count(rows)
              + " rows ("
              + Share.percent(part, rows)
              + ") "
              + (gate == Gate.REJECTED ? "were rejected" : "have the key of a later row")
              + "; at most "
              + most.word()
              + " is allowed");
    }
  }

  private static void compare(List<Refusal> refusals, TableRecord table, Candidate candidate) {
    VersionRecord active = table.active();
    if (active == null) {
      return;
    }
    Gates gates = table.options().gates();
    ChainExtent before = ChainExtent.of(table, active);
    String version = "version " + active.number();
    if (candidate.mode() == UpdateMode.INCREMENTAL) {
      part(
          refusals,
          Gate.SHRINK,
          gates.maxShrink(),
          candidate.tombstones(),
          before.mostEntries(),
          "deletions",
          "entries of " + version);
      part(
          refusals,
          Gate.GROWTH,
          gates.maxGrowth(),
          candidate.entries(),
          before.mostEntries(),
          "entries that come",
          "of " + version);
      part(
          refusals,
          Gate.GROWTH,
          gates.maxGrowth(),
          candidate.bytes(),
          before.mostBytes(),
          "bytes that come",
          "of " + version);
      return;
    }
    fewer(
        refusals,
        gates.maxShrink(),
        candidate.entries(),
        before.leastEntries(),
        "entries",
        version);
    fewer(refusals, gates.maxShrink(), candidate.bytes(), before.leastBytes(), "bytes", version);
    more(
        refusals, gates.maxGrowth(), candidate.entries(), before.mostEntries(), "entries", version);
    more(refusals, gates.maxGrowth(), candidate.bytes(), before.mostBytes(), "bytes", version);
  }

  private static void part(
      List<Refusal> refusals,
      Gate gate,
      @Nullable Share most,
      long part,
      long whole,
      String what,
      String ofWhat) {
    if (most != null && whole > 0 && most.isExceededBy(part, whole)) {
      add(
          refusals,
          gate,
          count(part)
              + " "
              + what
              + " are "
              + Share.percent(part, whole)
              + " of the "
              + count(whole)
              + " "
              + ofWhat
              + "; at most "
              + most.word()
              + " is allowed");
    }
  }

  private static void fewer(
      List<Refusal> refusals,
      @Nullable Share most,
      long now,
      long before,
      String what,
      String version) {
    if (most != null && now >= 0 && before > 0 && most.isExceededBy(before - now, before)) {
      add(refusals, Gate.SHRINK, compared(now, what, before - now, "fewer", before, version, most));
    }
  }

  private static void more(
      List<Refusal> refusals,
      @Nullable Share most,
      long now,
      long before,
      String what,
      String version) {
    if (most != null && before > 0 && most.isExceededBy(now - before, before)) {
      add(refusals, Gate.GROWTH, compared(now, what, now - before, "more", before, version, most));
    }
  }

  private static String compared(
      long now,
      String what,
      long difference,
      String direction,
      long before,
      String version,
      Share most) {
    return count(now)
        + " "
        + what
        + " are "
        + Share.percent(difference, before)
        + " "
        + direction
        + " than the "
        + count(before)
        + " of "
        + version
        + "; at most "
        + most.word()
        + " is allowed";
  }

  private static void add(List<Refusal> refusals, Gate gate, String why) {
    refusals.add(new Refusal(gate, why));
  }

  /** A number for a person. */
  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }
}
