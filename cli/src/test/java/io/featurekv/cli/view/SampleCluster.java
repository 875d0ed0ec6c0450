package io.featurekv.cli.view;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.Canary;
import io.featurekv.metadata.CanaryPlan;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Duty;
import io.featurekv.metadata.EarlierAttempt;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableOptions;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskCounts;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.Digest;
import io.featurekv.model.FileManifest;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A small cluster written down by hand: two nodes in one sect, one table with one version of one
 * shard.
 */
public final class SampleCluster {
  /** 2026-11-22T00:00:00Z. */
  static final long CREATED_MILLIS = 1_795_305_600_000L;

  private SampleCluster() {}

  /** With the second node and the version in these states. */
  public static ClusterMetadata metadata(NodeState second, VersionState version) {
    return new ClusterMetadata(
        1,
        "c1",
        1,
        42,
        CREATED_MILLIS,
        new TreeMap<>(
            Map.of("n1", node("n1", NodeState.UP, true), "n2", node("n2", second, false))),
        new TreeMap<>(Map.of("users", table(version))),
        new TreeMap<>(Map.of("nightly", task())),
        new TreeMap<>(),
        new TreeMap<>(),
        new TreeMap<>());
  }

  private static NodeRecord node(String id, NodeState state, boolean voter) {
    return new NodeRecord(
        id,
        0,
        3,
        "a",
        Set.of(Duty.SERVE, Duty.META),
        "127.0.0.1:7400",
        "127.0.0.1:7401",
        "",
        1,
        state,
        voter,
        CREATED_MILLIS,
        CREATED_MILLIS);
  }

  public static TableRecord table(VersionState state) {
    boolean isActive = state == VersionState.ACTIVE;
    FileManifest manifest = new FileManifest(4096, Digest.of(new byte[Digest.BYTES]), 10, 0);
    ShardRecord shard =
        new ShardRecord(
            manifest,
            new TreeMap<>(Map.of("n1", manifest.digest().hex())),
            new TreeSet<>(Set.of("n1")));
    VersionRecord version =
        new VersionRecord(
            7,
            UpdateMode.FULL,
            0,
            state,
            List.of(shard),
            10,
            0,
            4096,
            CREATED_MILLIS,
            CREATED_MILLIS + 1000,
            isActive ? CREATED_MILLIS + 2000 : 0,
            0,
            true,
            "nightly",
            new TreeMap<>(),
            "",
            null,
            false);
    return new TableRecord(
        5,
        "users",
        TableKind.MEM,
        new TableOptions(4, 3, 0, 1 << 20, new ActivateWhen.Live()),
        8,
        isActive ? 7 : 0,
        new TreeMap<>(Map.of(7L, version)));
  }

  /** With its version READY and on trial. */
  static TableRecord onTrial(Canary canary) {
    TableRecord table = table(VersionState.READY);
    return new TableRecord(
        table.id(),
        table.name(),
        table.kind(),
        table.options(),
        table.nextVersion(),
        table.activeVersion(),
        table.versions(),
        null,
        canary);
  }

  static TaskRecord task() {
    return task(TaskState.ACTIVE, "", null);
  }

  static TaskRecord task(TaskState state, String reason, @Nullable CanaryPlan canary) {
    return task(state, reason, canary, List.of());
  }

  static TaskRecord task(
      TaskState state, String reason, @Nullable CanaryPlan canary, List<EarlierAttempt> earlier) {
    return new TaskRecord(
        "nightly",
        "users",
        7,
        UpdateMode.FULL,
        "users.csv",
        "00",
        state,
        1,
        "load",
        new TaskCounts(13, 10, 1, 2, 0, 4096),
        reason,
        CREATED_MILLIS,
        CREATED_MILLIS + 2000,
        Set.of(),
        List.of(),
        null,
        canary,
        earlier);
  }
}
