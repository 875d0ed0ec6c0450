package io.featurekv.client;

import io.featurekv.model.FeatureKvException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The batches under way on one network thread, so that closing the client ends them: a list through
 * the batches themselves. Confined to that thread.
 */
final class OpenCalls {
  private @Nullable BatchCall<?> first;
  private @Nullable FeatureKvException closed;

  /** Takes a batch in; or says why it must end. */
  @Nullable FeatureKvException add(BatchCall<?> call) {
    if (closed == null) {
      call.nextOpen = first;
      if (first != null) {
        first.previousOpen = call;
      }
      first = call;
    }
    return closed;
  }

  /** Lets go of a batch that {@link #add} has taken in; once. */
  void remove(BatchCall<?> call) {
    BatchCall<?> next = call.nextOpen;
    BatchCall<?> previous = call.previousOpen;
    if (next != null) {
      next.previousOpen = previous;
    }
    if (previous != null) {
      previous.nextOpen = next;
    } else {
      first = next;
    }
    call.nextOpen = null;
    call.previousOpen = null;
  }

  /** Ends all, and those that come later. */
  void close(FeatureKvException reason) {
    closed = reason;
    List<BatchCall<?>> open = new ArrayList<>();
    for (BatchCall<?> call = first; call != null; call = call.nextOpen) {
      open.add(call);
    }
    for (BatchCall<?> call : open) {
      call.end(reason);
    }
  }
}
