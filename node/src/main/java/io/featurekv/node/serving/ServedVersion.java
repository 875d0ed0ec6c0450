package io.featurekv.node.serving;

import io.featurekv.model.TableKind;
import io.featurekv.storage.ShardChain;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One readable version of a table: its shard count, the chains that are open here, and who else has
 * each shard.
 *
 * @param chains by shard; null where the shard is not open on this node
 * @param elsewhere by shard: node ids to forward to, those of this node's own sect first
 */
public record ServedVersion(
    long number, TableKind kind, List<@Nullable ShardChain> chains, List<List<String>> elsewhere) {
  public ServedVersion {
    chains = Collections.unmodifiableList(new ArrayList<>(chains));
    elsewhere = List.copyOf(elsewhere);
  }

  /** Number of shards. */
  public int shardCount() {
    return chains.size();
  }
}
