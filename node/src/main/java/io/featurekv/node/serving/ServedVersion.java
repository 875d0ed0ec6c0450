package io.featurekv.node.serving;

import io.featurekv.model.TableKind;
import io.featurekv.storage.ShardChain;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One readable version of a table: its shard count, the chains that are open here, and who else has
 * each shard.
 *
 * @param chains by shard; null where the shard is not open on this node
 * @param elsewhere by shard: node ids to forward to, those of this node's own sect first
 * @param isWhole whether every shard is open here
 * @param tally where its reads are counted; null: nowhere
 */
public record ServedVersion(
    long number,
    TableKind kind,
    List<@Nullable ShardChain> chains,
    List<List<String>> elsewhere,
    boolean isWhole,
    @Nullable VersionTally tally) {
  public ServedVersion {
    chains = Collections.unmodifiableList(new ArrayList<>(chains));
    elsewhere = List.copyOf(elsewhere);
  }

  /** Of these chains. */
  public static ServedVersion of(
      long number,
      TableKind kind,
      List<@Nullable ShardChain> chains,
      List<List<String>> elsewhere) {
    return of(number, kind, chains, elsewhere, null);
  }

  /** Of these chains, with its reads counted. */
  public static ServedVersion of(
      long number,
      TableKind kind,
      List<@Nullable ShardChain> chains,
      List<List<String>> elsewhere,
      @Nullable VersionTally tally) {
    return new ServedVersion(
        number, kind, chains, elsewhere, chains.stream().allMatch(Objects::nonNull), tally);
  }

  /** Number of shards. */
  public int shardCount() {
    return chains.size();
  }
}
