package io.featurekv.node;

import io.featurekv.node.merging.ChainMerge;
import io.featurekv.storage.OpenShardFile;
import io.featurekv.storage.ScanPage;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardBuildOptions;
import io.featurekv.storage.ShardChain;
import io.featurekv.storage.ShardFileSpec;
import io.featurekv.storage.ShardFiles;
import io.featurekv.storage.ShardWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntConsumer;

/** Merges ordered tables by scanning the chain; waits until it is let go. Knows no expiry. */
final class ScanningMerge implements ChainMerge {
  private static final int PAGE_ENTRIES = 100;

  /** Where merges that have begun put their files. */
  final List<Path> targets = new CopyOnWriteArrayList<>();

  private final CountDownLatch gate = new CountDownLatch(1);

  void letGo() {
    gate.countDown();
  }

  @Override
  public SealedShardFile merge(
      List<OpenShardFile> newestFirst,
      Path target,
      ShardFileSpec spec,
      ShardBuildOptions options,
      long dropExpiredBeforeSeconds,
      IntConsumer paceBytes) {
    targets.add(target);
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    try (ShardChain chain = ShardChain.of(newestFirst);
        ShardWriter writer = ShardFiles.create(target, spec, options)) {
      byte[] from = null;
      ScanPage page;
      do {
        page = chain.scan(from, from == null, null, PAGE_ENTRIES, 1 << 20, 0);
        for (ScanPage.Entry entry : page.entries()) {
          byte[] key = entry.key();
          byte[] value = entry.value();
          writer.put(key, 0, key.length, value, 0, value.length);
          paceBytes.accept(key.length + value.length);
          from = key;
        }
      } while (!page.entries().isEmpty());
      return writer.seal();
    }
  }
}
