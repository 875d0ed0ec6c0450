package io.featurekv.client.transport;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for which request id. An id is the number of a place in a table, and above it how often
 * the place was used: finding a request is one look, and the id of one that is over is not found.
 * Not thread-safe.
 *
 * <p>Invariant: a place is in {@code free} or holds a request, never both. Place 0 is never given
 * away; its id belongs to frames that nobody waits for.
 */
final class OpenRequests {
  /** An id that nobody waits for. */
  static final int NOBODY = 0;

  private static final int PLACE_BITS = 16;
  private static final int PLACE_MASK = (1 << PLACE_BITS) - 1;
  private static final int FIRST_PLACES = 64;

  private @Nullable OpenRequest[] places = new @Nullable OpenRequest[FIRST_PLACES];
  private int[] ids = new int[FIRST_PLACES];
  private int[] free = new int[FIRST_PLACES];
  private int freeCount;
  private int used = 1;

  /** Whether no more can be taken in. */
  boolean isFull() {
    return freeCount == 0 && used > PLACE_MASK;
  }

  /** Takes a request in, and returns its id. */
  int add(OpenRequest request) {
    int place = freeCount > 0 ? free[--freeCount] : newPlace();
    int id = ids[place] + (1 << PLACE_BITS);
    ids[place] = id;
    places[place] = request;
    return id;
  }

  private int newPlace() {
    if (used == places.length) {
      places = Arrays.copyOf(places, 2 * used);
      ids = Arrays.copyOf(ids, 2 * used);
      free = Arrays.copyOf(free, 2 * used);
    }
    ids[used] = used;
    return used++;
  }

  /** Who waits for an id, or null when nobody does any more. */
  @Nullable OpenRequest get(int id) {
    int place = id & PLACE_MASK;
    return place < used && ids[place] == id ? places[place] : null;
  }

  /** Whether it was there. */
  boolean remove(OpenRequest request) {
    int place = request.requestId & PLACE_MASK;
    // A request that was never taken in has the id of place 0, where nobody is.
    if (ids[place] != request.requestId || places[place] == null) {
      return false;
    }
    places[place] = null;
    free[freeCount++] = place;
    return true;
  }

  /** Empties it. */
  List<OpenRequest> removeAll() {
    List<OpenRequest> all = new ArrayList<>();
    for (OpenRequest request : places) {
      if (request != null) {
        all.add(request);
      }
    }
    all.forEach(this::remove);
    return all;
  }
}
