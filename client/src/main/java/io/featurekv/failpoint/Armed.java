package io.featurekv.failpoint;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Carries out the orders of one process. Thread-safe; a paused thread holds nobody else up. */
final class Armed {
  static final String ORDERS = "featurekv.failpoint";
  static final String REPORT = "featurekv.failpoint.report";

  /** That of this process, made when a point is first hit. */
  static final Armed PROCESS =
      new Armed(
          System.getProperty(ORDERS, ""),
          pathOrNull(System.getProperty(REPORT)),
          Runtime.getRuntime()::halt);

  /** What a process ends with that is killed by SIGKILL. */
  static final int KILLED = 137;

  private static final Pattern ORDER =
      Pattern.compile("([a-z.-]+):(kill|fail|pause=([0-9]{1,9}))(?:@([0-9]{1,9}))?");

  private final String source;
  private final @Nullable Path report;
  private final IntConsumer halt;
  private final Map<Failpoint, Long> hits = new EnumMap<>(Failpoint.class);
  private final Set<Failpoint> reported = EnumSet.noneOf(Failpoint.class);
  private List<Order> orders = new ArrayList<>();
  private @Nullable String read;

  /** What to do when a point is hit. */
  enum Action {
    KILL,
    PAUSE,
    FAIL
  }

  /** One of the list; {@code millis} of a pause. */
  record Order(Failpoint point, Action action, long millis, long atHit) {}

  /**
   * With orders of its own.
   *
   * @param source the orders, or @ and the name of the file that has them
   * @param halt ends the process with an exit code
   */
  Armed(String source, @Nullable Path report, IntConsumer halt) {
    this.source = source;
    this.report = report;
    this.halt = halt;
    if (!source.startsWith("@")) {
      parse(source);
    }
  }

  private static @Nullable Path pathOrNull(@Nullable String text) {
    return text == null ? null : Path.of(text);
  }

  /**
   * Reads a list of orders.
   *
   * @throws IllegalArgumentException naming the order that is none, and what there is
   */
  static List<Order> parse(String text) {
    List<Order> orders = new ArrayList<>();
    for (String word : text.strip().split(",", -1)) {
      if (!text.isBlank()) {
        orders.add(order(word.strip()));
      }
    }
    return orders;
  }

  private static Order order(String word) {
    Matcher matcher = ORDER.matcher(word);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          ORDERS + ": '" + word + "' is not POINT:kill, POINT:fail or POINT:pause=MILLIS, and @N");
    }
    Action action =
        switch (matcher.group(2).charAt(0)) {
          case 'k' -> Action.KILL;
          case 'f' -> Action.FAIL;
          default -> Action.PAUSE;
        };
    long millis = matcher.group(3) == null ? 0 : Long.parseLong(matcher.group(3));
    long atHit = matcher.group(4) == null ? 1 : Long.parseLong(matcher.group(4));
    return new Order(point(matcher.group(1)), action, millis, atHit);
  }

  private static Failpoint point(String name) {
    List<String> names = new ArrayList<>();
    for (Failpoint point : Failpoint.values()) {
      if (point.pointName().equals(name)) {
        return point;
      }
      names.add(point.pointName());
    }
    throw new IllegalArgumentException(
        ORDERS + ": there is no point '" + name + "'; there are " + String.join(", ", names));
  }

  void hit(Failpoint point) {
    if (carryOut(point)) {
      throw new FeatureKvException(ErrorCode.INTERNAL, text(point));
    }
  }

  void hitWriting(Failpoint point) throws IOException {
    if (carryOut(point)) {
      throw new IOException(text(point));
    }
  }

  private static String text(Failpoint point) {
    return "the failpoint " + point.pointName() + " was ordered to fail";
  }

  /** Whether the point is to fail. */
  private boolean carryOut(Failpoint point) {
    Optional<Order> due = due(point);
    if (due.isEmpty()) {
      return false;
    }
    // Whoever looks into a killed process's log finds why it ended.
    System.err.println("failpoint " + point.pointName() + ": " + due.get().action());
    System.err.flush();
    switch (due.get().action()) {
      case KILL -> halt.accept(KILLED);
      case PAUSE -> pause(due.get().millis());
      case FAIL -> {
        return true;
      }
    }
    return false;
  }

  private synchronized Optional<Order> due(Failpoint point) {
    report(point);
    refresh();
    long count = hits.merge(point, 1L, Long::sum);
    for (Iterator<Order> each = orders.iterator(); each.hasNext(); ) {
      Order order = each.next();
      if (order.point() == point && count >= order.atHit()) {
        each.remove();
        return Optional.of(order);
      }
    }
    return Optional.empty();
  }

  /** Reads the list where it is not what it was. */
  private void refresh() {
    String now = source.startsWith("@") ? content(Path.of(source.substring(1))) : source;
    if (!now.equals(read)) {
      orders = new ArrayList<>(parse(now));
      read = now;
      hits.clear();
    }
  }

  private static String content(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      // No file, no orders; it may come later.
      return "";
    }
  }

  private void report(Failpoint point) {
    if (report != null && reported.add(point)) {
      try {
        Files.writeString(
            report, point.pointName() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        System.err.println("failpoint " + point.pointName() + " cannot be reported: " + e);
      }
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
