package io.featurekv.client;

import io.featurekv.model.RowSchema;
import io.featurekv.protocol.ScanReply;
import io.featurekv.protocol.ScanRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where a scan stands in one shard: in a page, with the next page asked for or not. */
final class ShardCursor {
  private final Function<ScanRequest, CompletableFuture<ScanReply>> fetch;
  private final boolean readsAhead;
  private ScanRequest request;
  private @Nullable CompletableFuture<ScanReply> nextPage;
  private List<ScanReply.Entry> entries = List.of();
  private @Nullable RowSchema shape;
  private int position;
  private boolean more = true;

  /**
   * At the start of a range; nothing is asked for yet.
   *
   * @param readsAhead whether to ask for the next page while this one is read
   */
  ShardCursor(
      ScanRequest first,
      boolean readsAhead,
      Function<ScanRequest, CompletableFuture<ScanReply>> fetch) {
    this.request = first;
    this.readsAhead = readsAhead;
    this.fetch = fetch;
  }

  /** Asks for the next page unless that was done; does not wait. */
  void prefetch() {
    if (more && nextPage == null) {
      nextPage = fetch.apply(request);
    }
  }

  /** Whether there is an entry; waits for the next page if this one is read. */
  boolean hasEntry() {
    while (position == entries.size() && more) {
      prefetch();
      if (nextPage == null) {
        throw new AssertionError("a page was not asked for");
      }
      ScanReply page = BlockingReads.await(nextPage);
      nextPage = null;
      entries = page.entries();
      shape = page.shape();
      position = 0;
      more = page.more();
      if (more) {
        request = request.after(entries.get(entries.size() - 1).key());
        if (readsAhead) {
          prefetch();
        }
      }
    }
    return position < entries.size();
  }

  /** The entry that {@link #hasEntry} found. */
  ScanReply.Entry entry() {
    return entries.get(position);
  }

  /** The columns that its value is a row of; null: it is as it is. */
  @Nullable RowSchema shape() {
    return shape;
  }

  /** Goes past it. */
  void advance() {
    position++;
  }
}
