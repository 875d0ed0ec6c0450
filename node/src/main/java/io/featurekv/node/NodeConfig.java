package io.featurekv.node;

import io.featurekv.metadata.Duty;
import io.featurekv.model.Endpoint;
import io.featurekv.node.build.BuildSettings;
import io.featurekv.node.resp.RespConfig;
import io.featurekv.node.server.IoTransport;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How one node runs; the meaning of each part is that of the {@code server} command's option.
 *
 * @param nodeId empty: drawn at the first start; {@code node.json} decides afterwards
 * @param join endpoints of nodes of an existing cluster; empty: begin a new one on an empty data
 *     directory
 * @param voters how many voters the cluster grows to; counts where the cluster begins
 * @param raftListen null without the duty META
 * @param httpListen null: no HTTP
 * @param resp the port for clients of Redis; null: none
 * @param transport how the ports talk to the kernel
 * @param advertiseHost host that other nodes and clients use; null: the host of {@code listen}
 * @param minFreeDiskFraction loads are refused when less than this share of the disk would stay
 *     free
 * @param linkFiles whether files of builders on this machine are linked and not copied
 * @param build how much of the node builds may take; of no meaning without the duty BUILD
 */
public record NodeConfig(
    Path dataDirectory,
    Path raftDirectory,
    String nodeId,
    String sect,
    Set<Duty> duties,
    int voters,
    List<Endpoint> join,
    Endpoint listen,
    @Nullable Endpoint raftListen,
    @Nullable Endpoint httpListen,
    @Nullable RespConfig resp,
    IoTransport transport,
    @Nullable String advertiseHost,
    double minFreeDiskFraction,
    boolean linkFiles,
    BuildSettings build) {
  public NodeConfig {
    duties = Set.copyOf(duties);
    join = List.copyOf(join);
  }
}
