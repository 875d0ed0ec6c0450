package io.featurekv.chaos.linkv;

import io.featurekv.chaos.linkv.Operation.Call;
import io.featurekv.chaos.linkv.Operation.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which operation comes next. A few registers at a time, each for a while only, so that what has to
 * be tried to judge one stays small. Registers with an even key get values from 0 to 4, as with
 * Maelstrom; those with an odd key a new value each time, by which each write is known. May be used
 * by any thread.
 */
final class LinKvWorkload {
  private static final int KEYS_AT_A_TIME = 4;
  private static final int MAX_OPERATIONS_PER_KEY = 80;
  private static final int MAX_OPEN_PER_KEY = 8;
  private static final int SMALL_VALUES = 5;

  private final History history;
  private final List<Long> keys = new ArrayList<>();
  private final Map<Long, Integer> asked = new ConcurrentHashMap<>();
  private final Map<Long, Long> lastSeen = new ConcurrentHashMap<>();
  private final AtomicLong nextValue = new AtomicLong(100);
  private long nextKey;

  /** A register and what to do with it. */
  record Next(long key, Call call) {}

  LinKvWorkload(History history) {
    this.history = history;
    while (keys.size() < KEYS_AT_A_TIME) {
      keys.add(nextKey++);
    }
  }

  synchronized Next next(Random random) {
    int place = random.nextInt(keys.size());
    long key = keys.get(place);
    int count = asked.merge(key, 1, Integer::sum);
    if (count >= MAX_OPERATIONS_PER_KEY || history.openOn(key) >= MAX_OPEN_PER_KEY) {
      keys.set(place, nextKey++);
    }
    return new Next(key, call(random, key));
  }

  private Call call(Random random, long key) {
    long value = key % 2 == 0 ? random.nextInt(SMALL_VALUES) : nextValue.getAndIncrement();
    Long seen = lastSeen.get(key);
    return switch (random.nextInt(5)) {
      case 0, 1 -> new Call.Read();
      case 2, 3 -> new Call.Write(value);
      default -> new Call.Cas(seen == null ? random.nextInt(SMALL_VALUES) : seen, value);
    };
  }

  /** What an operation showed of its register. */
  void saw(Next operation, Effect effect) {
    switch (operation.call()) {
      case Call.Write(long value) when effect instanceof Effect.Done ->
          lastSeen.put(operation.key(), value);
      case Call.Cas(long from, long to) when effect instanceof Effect.Done ->
          lastSeen.put(operation.key(), to);
      case Call.Read()
          when effect instanceof Effect.Saw(long value) && value != Operation.MISSING ->
          lastSeen.put(operation.key(), value);
      default -> {}
    }
  }
}
