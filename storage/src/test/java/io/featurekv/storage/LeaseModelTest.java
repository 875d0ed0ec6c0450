package io.featurekv.storage;

import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Chains that share files are read, swapped and closed by several threads, in the interleavings
 * that Lincheck chooses: whoever has a lease finds every file of the chain open, and with the last
 * reference everything is given back, once.
 *
 * <p>What an operation returns depends on who still holds a lease, so that no sequential run can
 * give it: the operations check themselves, and Lincheck's verifier is the one that takes any
 * outcome.
 */
class LeaseModelTest {
  private static Path fullPath;
  private static Path newerPath;

  @TempDir Path directory;

  @BeforeEach
  void buildFiles() {
    fullPath = directory.resolve("1.mdb");
    newerPath = directory.resolve("2.mdb");
    TestShards.build(fullPath, spec(1), table(1));
    TestShards.build(newerPath, spec(2), table(2));
  }

  private static ShardFileSpec spec(int version) {
    return TestShards.spec(
        TableKind.MEM, version == 1 ? UpdateMode.FULL : UpdateMode.INCREMENTAL, version);
  }

  private static SortedMap<byte[], byte[]> table(int version) {
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    table.put(TestShards.bytes("key"), new byte[] {(byte) version});
    return table;
  }

  @Test
  void nothingIsReadAfterItsCloseInAnyModelledInterleaving() {
    new ModelCheckingOptions()
        .iterations(25)
        .invocationsPerIteration(60)
        .threads(3)
        .actorsPerThread(2)
        .actorsBefore(0)
        .actorsAfter(0)
        .verifier(EpsilonVerifier.class)
        .check(Leases.class);
  }

  @Test
  void nothingIsReadAfterItsCloseUnderStress() {
    new StressOptions()
        .iterations(10)
        .invocationsPerIteration(200)
        .threads(3)
        .actorsPerThread(3)
        .actorsBefore(0)
        .actorsAfter(0)
        .verifier(EpsilonVerifier.class)
        .check(Leases.class);
  }

  /** The operations; their doings are what Lincheck interleaves. */
  public static class Leases {
    private final OpenShardFile full = ShardFiles.open(fullPath, spec(1));
    private final OpenShardFile newer = ShardFiles.open(newerPath, spec(2));
    private final AtomicReference<Version> current =
        new AtomicReference<>(Version.of(List.of(newer, full)));
    private final AtomicReference<Throwable> violation = new AtomicReference<>();

    /** A chain and what it consists of. */
    record Version(ShardChain chain, List<OpenShardFile> files) {
      static Version of(List<OpenShardFile> files) {
        return new Version(ShardChain.of(files), files);
      }
    }

    @Operation
    public void read() {
      Version version = current.get();
      if (!version.chain().tryAcquire()) {
        return;
      }
      try {
        for (OpenShardFile file : version.files()) {
          // Throws where the file is closed, before its memory is touched.
          file.retain();
          check(file);
          file.release();
        }
        version.chain().release();
      } catch (RuntimeException | AssertionError e) {
        violation.set(e);
      }
    }

    private static void check(OpenShardFile file) {
      try (EntryCursor cursor = file.reader().cursor()) {
        boolean isThere = cursor.first();
        if (!isThere
            || NativeMemory.getByte(cursor.valueAddress()) != file.info().spec().id().version()) {
          throw new AssertionError("another entry");
        }
      }
    }

    @Operation
    public void swapToTheMergedOne() {
      swap(List.of(full));
    }

    @Operation
    public void swapToTheWholeChain() {
      swap(List.of(newer, full));
    }

    private void swap(List<OpenShardFile> files) {
      Version next;
      try {
        next = Version.of(files);
      } catch (IllegalStateException e) {
        // A file was closed for good; no reference was kept.
        return;
      }
      current.getAndSet(next).chain().close();
    }

    @Operation
    public void closeChain() {
      current.get().chain().close();
    }

    @Operation
    public void closeFiles() {
      newer.close();
      full.close();
    }

    /** Runs when all threads are done: with the last references everything goes. */
    @Validate
    public void everythingIsGivenBackOnce() {
      closeChain();
      closeFiles();
      Throwable seen = violation.get();
      if (seen != null) {
        throw new IllegalStateException(seen);
      }
      if (!isClosed(full) || !isClosed(newer)) {
        throw new IllegalStateException("a file was left open");
      }
    }

    private static boolean isClosed(OpenShardFile file) {
      try {
        file.retain();
        return false;
      } catch (IllegalStateException e) {
        return true;
      }
    }
  }
}
