package io.featurekv.chaos.linkv;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What is done to nodes and to the messages between them. */
enum Fault {
  /** A minority is cut off from the others. */
  PARTITION(Track.LINKS),
  /** One node hears the others, who do not hear it, or the other way round. */
  ONE_WAY(Track.LINKS),
  /** Two halves that see each other through one node only. */
  BRIDGE(Track.LINKS),
  /** Each node hears another majority; with three of them, one other each, in a circle. */
  RING(Track.LINKS),
  /** Messages get lost. */
  LOSS(Track.MESSAGES),
  /** Messages come twice. */
  DUPLICATE(Track.MESSAGES),
  /** One node is killed and started again. */
  KILL(Track.PROCESSES),
  /** All nodes are. */
  KILL_ALL(Track.PROCESSES),
  /** One node stands still. */
  PAUSE(Track.PROCESSES);

  /** Of each track one fault at a time; tracks are independent of each other. */
  enum Track {
    LINKS,
    MESSAGES,
    PROCESSES
  }

  private final Track track;

  Fault(Track track) {
    this.track = track;
  }

  Track track() {
    return track;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String words(Set<Fault> faults) {
    return faults.isEmpty()
        ? "none"
        : faults.stream().map(Fault::word).collect(Collectors.joining(","));
  }

  /** Reads {@code all}, {@code none} or words with commas between them. */
  static Set<Fault> parse(String words) {
    if (words.equals("all")) {
      return EnumSet.allOf(Fault.class);
    }
    Set<Fault> faults = EnumSet.noneOf(Fault.class);
    for (String word : words.equals("none") ? List.<String>of() : List.of(words.split(",", -1))) {
      faults.add(
          Arrays.stream(values())
              .filter(fault -> fault.word().equals(word))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "'"
                              + word
                              + "' is no fault; there are "
                              + words(EnumSet.allOf(Fault.class)))));
    }
    return faults;
  }
}
