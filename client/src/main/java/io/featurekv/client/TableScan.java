package io.featurekv.client;

import io.featurekv.client.transport.NetworkThread;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowBytes;
import io.featurekv.model.RowSchema;
import io.featurekv.model.RowView;
import io.featurekv.protocol.ScanReply;
import io.featurekv.protocol.ScanRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a table, or of a range of it, in the order of their keys as unsigned bytes, all of
 * one version and as of one time. Each shard is read in pages, and the pages are merged; memory is
 * bounded by a page or two of each shard.
 *
 * <p>A scan may take as long as it likes, as long as its version is kept; {@link #hasNext} and
 * {@link #next} throw SNAPSHOT_GONE once it is not. They wait for pages, each within the timeout,
 * and so must not be called on a network thread. Not thread-safe. Nothing needs to be closed.
 */
public final class TableScan implements Iterator<TableScan.Entry> {
  private static final byte[] NOTHING = {};
  private static final int MAX_RESTARTS = 8;
  private static final int SHARDS_AHEAD = 16;
  private static final int BUFFERED_BYTES = 32 << 20;
  private static final int MIN_PAGE_BYTES = 16 << 10;
  private static final int MAX_PAGE_BYTES = 1 << 20;
  private static final Comparator<ShardCursor> BY_KEY =
      (left, right) -> Arrays.compareUnsigned(left.entry().key(), right.entry().key());

  private final String table;
  private final long version;
  private final long limit;
  private final PriorityQueue<ShardCursor> heads;
  // The cursor that the last entry came from; it may have to wait for its next page.
  private @Nullable ShardCursor advanced;
  private @Nullable FeatureKvException failure;
  private long returned;

  /**
   * A key and its value; the arrays belong to the receiver.
   *
   * @param value empty where columns are read
   * @param row the columns that are read; null where the value is
   */
  public record Entry(byte[] key, byte[] value, @Nullable RowView row) {
    /** Of a value as it is. */
    public Entry(byte[] key, byte[] value) {
      this(key, value, null);
    }
  }

  private TableScan(String table, long version, long limit, PriorityQueue<ShardCursor> heads) {
    this.table = table;
    this.version = version;
    this.limit = limit;
    this.heads = heads;
  }

  /** Pins the version, and waits for the first page of every shard. */
  static TableScan open(Session session, Pin pin, ScanOptions options) {
    Duration timeout = options.timeout() == null ? session.config().timeout() : options.timeout();
    for (int restarts = 0; ; restarts++) {
      Deadline deadline = Deadline.after(timeout);
      NetworkThread thread = session.transport().nextThread();
      RoutingView.Version pinned = pinned(session, thread, pin, deadline);
      try {
        ScanRequest shape = firstPage(session, pin, pinned, options);
        PriorityQueue<ShardCursor> heads =
            firstPages(session, pin, shape, pinned.shards(), options.limit() == 0, timeout);
        return new TableScan(pin.table(), pinned.number(), options.limit(), heads);
      } catch (FeatureKvException e) {
        // Nothing was handed out yet, so that a newer version does as well.
        if (e.code() != ErrorCode.SNAPSHOT_GONE
            || pin.chosenByCaller()
            || restarts == MAX_RESTARTS) {
          throw e;
        }
      }
    }
  }

  private static RoutingView.Version pinned(
      Session session, NetworkThread thread, Pin pin, Deadline deadline) {
    RoutingView view = BlockingReads.await(session.firstRouting(thread, deadline.leftMillis()));
    pin.checkLife(view, session.routing().readTimeMillis());
    RoutingView.Version found = pin.in(view);
    for (boolean first = true;
        found == null && (first || (pin.isAheadOf(view) && deadline.leftMillis() > 0));
        first = false) {
      view =
          BlockingReads.await(
              session.freshRouting(
                  fresh -> pin.in(fresh) != null,
                  Session.PROPAGATION_MILLIS,
                  thread,
                  deadline.leftMillis()));
      found = pin.in(view);
    }
    if (found == null) {
      throw pin.refusal(view);
    }
    return found;
  }

  /** The first page of the first shard; those of the others differ in the shard only. */
  private static ScanRequest firstPage(
      Session session, Pin pin, RoutingView.Version pinned, ScanOptions options) {
    int pageBytes =
        Math.min(MAX_PAGE_BYTES, Math.max(MIN_PAGE_BYTES, BUFFERED_BYTES / pinned.shards()));
    int pageEntries =
        options.limit() == 0
            ? ScanRequest.MAX_PAGE_ENTRIES
            : (int) Math.min(ScanRequest.MAX_PAGE_ENTRIES, options.limit());
    return new ScanRequest(
        pin.table(),
        pinned.number(),
        pin.readTimeMillis(session.routing()),
        0,
        1,
        pageEntries,
        pageBytes,
        options.from().length == 0 ? null : options.from(),
        true,
        options.to(),
        options.columns());
  }

  private static PriorityQueue<ShardCursor> firstPages(
      Session session,
      Pin pin,
      ScanRequest first,
      int shards,
      boolean readsAhead,
      Duration timeout) {
    List<ShardCursor> cursors = new ArrayList<>(shards);
    for (int shard = 0; shard < shards; shard++) {
      cursors.add(
          new ShardCursor(
              first.ofShard(shard), readsAhead, request -> fetch(session, pin, request, timeout)));
    }
    PriorityQueue<ShardCursor> heads = new PriorityQueue<>(shards, BY_KEY);
    for (int shard = 0; shard < shards; shard++) {
      for (int ahead = shard; ahead < Math.min(shards, shard + SHARDS_AHEAD); ahead++) {
        cursors.get(ahead).prefetch();
      }
      if (cursors.get(shard).hasEntry()) {
        heads.add(cursors.get(shard));
      }
    }
    return heads;
  }

  private static CompletableFuture<ScanReply> fetch(
      Session session, Pin pin, ScanRequest request, Duration timeout) {
    long now = session.routing().readTimeMillis();
    if (pin.isTooOld(now)) {
      return CompletableFuture.failedFuture(pin.tooOld(now));
    }
    return PageCall.start(
        session, session.transport().nextThread(), request, Deadline.after(timeout));
  }

  /** The table that is read. */
  public String table() {
    return table;
  }

  /** The version that every entry is of. */
  public long version() {
    return version;
  }

  /**
   * Whether there is another entry.
   *
   * @throws FeatureKvException when the next page cannot be had; from then on every time
   */
  @Override
  public boolean hasNext() {
    if (limit > 0 && returned == limit) {
      return false;
    }
    if (failure != null) {
      throw failure;
    }
    ShardCursor cursor = advanced;
    if (cursor != null) {
      try {
        advanced = null;
        if (cursor.hasEntry()) {
          heads.add(cursor);
        }
      } catch (FeatureKvException e) {
        failure = e;
        throw e;
      }
    }
    return !heads.isEmpty();
  }

  @Override
  public Entry next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the scan of '" + table + "' is at its end");
    }
    ShardCursor cursor = heads.remove();
    ScanReply.Entry entry = cursor.entry();
    RowSchema shape = cursor.shape();
    cursor.advance();
    advanced = cursor;
    returned++;
    return shape == null
        ? new Entry(entry.key(), entry.value())
        : new Entry(entry.key(), NOTHING, row(shape, entry.value()));
  }

  private static RowView row(RowSchema shape, byte[] value) {
    return new RowView(shape).wrap(RowBytes.of(value), 0, value.length);
  }
}
