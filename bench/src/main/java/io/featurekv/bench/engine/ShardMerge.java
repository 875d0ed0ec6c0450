package io.featurekv.bench.engine;

import io.featurekv.storage.ScanPage;
import io.featurekv.storage.ShardChain;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** One scan over all shards: each is read in pages, and the pages are merged, as clients do. */
final class ShardMerge {
  private static final int MAX_PAGE_ENTRIES = 1000;
  private static final int MAX_PAGE_BYTES = 1 << 20;

  private final PriorityQueue<Head> heads =
      new PriorityQueue<>(
          Comparator.comparing(head -> head.entry().key(), Arrays::compareUnsigned));
  private final long maxEntries;

  ShardMerge(
      List<ShardChain> chains, byte @Nullable [] from, long maxEntries, long readTimeSeconds) {
    this.maxEntries = maxEntries;
    // A short scan asks each shard for its fair share and a little more.
    long share = maxEntries / chains.size();
    int pageEntries = (int) Math.min(MAX_PAGE_ENTRIES, share + share / 4 + 4);
    for (ShardChain chain : chains) {
      Head head = new Head(chain, pageEntries, readTimeSeconds);
      if (head.begin(from)) {
        heads.add(head);
      }
    }
  }

  long run(ScanReply reply) {
    long taken = 0;
    while (taken < maxEntries) {
      Head head = heads.poll();
      if (head == null) {
        break;
      }
      reply.add(head.entry().key(), head.entry().value());
      taken++;
      if (taken < maxEntries && head.advance()) {
        heads.add(head);
      }
    }
    return taken;
  }

  /** The next entry of one shard. */
  private static final class Head {
    private final ShardChain chain;
    private final int pageEntries;
    private final long readTimeSeconds;
    private ScanPage page = new ScanPage(List.of(), false);
    private int at;

    Head(ShardChain chain, int pageEntries, long readTimeSeconds) {
      this.chain = chain;
      this.pageEntries = pageEntries;
      this.readTimeSeconds = readTimeSeconds;
    }

    boolean begin(byte @Nullable [] from) {
      return read(from, true);
    }

    private boolean read(byte @Nullable [] from, boolean inclusive) {
      page = chain.scan(from, inclusive, null, pageEntries, MAX_PAGE_BYTES, readTimeSeconds);
      at = 0;
      return !page.entries().isEmpty();
    }

    boolean advance() {
      byte[] last = entry().key();
      at++;
      return at < page.entries().size() || (page.more() && read(last, false));
    }

    ScanPage.Entry entry() {
      return page.entries().get(at);
    }
  }
}
