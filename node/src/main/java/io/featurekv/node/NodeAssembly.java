package io.featurekv.node;

import io.featurekv.client.transport.Transport;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.Duty;
import io.featurekv.metadata.raft.MetadataVoter;
import io.featurekv.metadata.raft.RaftPosition;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ReadClock;
import io.featurekv.node.background.BackgroundRate;
import io.featurekv.node.background.ReadPressure;
import io.featurekv.node.build.BuildStages;
import io.featurekv.node.build.Builder;
import io.featurekv.node.control.ControlPlane;
import io.featurekv.node.control.HeartbeatHandler;
import io.featurekv.node.control.Liveness;
import io.featurekv.node.control.MetadataFeed;
import io.featurekv.node.control.Peers;
import io.featurekv.node.control.ProposeHandler;
import io.featurekv.node.control.Proposer;
import io.featurekv.node.control.ReadMetadataHandler;
import io.featurekv.node.control.SnapshotKeeper;
import io.featurekv.node.control.TrialReports;
import io.featurekv.node.control.WatchMetadataHandler;
import io.featurekv.node.http.HttpFace;
import io.featurekv.node.http.NodeMetrics;
import io.featurekv.node.http.NodeSummary;
import io.featurekv.node.merging.ChainMerge;
import io.featurekv.node.merging.MergeSettings;
import io.featurekv.node.merging.Merger;
import io.featurekv.node.reconcile.Reconciler;
import io.featurekv.node.reconcile.TrialTallies;
import io.featurekv.node.resp.RespConfig;
import io.featurekv.node.resp.RespServer;
import io.featurekv.node.routing.WatchRoutingHandler;
import io.featurekv.node.server.Admission;
import io.featurekv.node.server.CancelHandler;
import io.featurekv.node.server.EventLoops;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.server.NodeServer;
import io.featurekv.node.server.RequestHandler;
import io.featurekv.node.server.ServerIdentity;
import io.featurekv.node.server.Streams;
import io.featurekv.node.serving.BatchGetHandler;
import io.featurekv.node.serving.BatchReads;
import io.featurekv.node.serving.ReadTallies;
import io.featurekv.node.serving.ScanHandler;
import io.featurekv.node.serving.ServingCatalog;
import io.featurekv.node.shipping.AskFileHandler;
import io.featurekv.node.shipping.FileFetch;
import io.featurekv.node.shipping.FileStore;
import io.featurekv.node.shipping.GetPieceHandler;
import io.featurekv.node.shipping.GetPiecesHandler;
import io.featurekv.node.shipping.Scrub;
import io.featurekv.node.shipping.Uploads;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Puts a node together, from the disk to the port. What has been started is closed again when a
 * later part fails.
 */
final class NodeAssembly {
  private static final int TRANSPORT_THREADS = 2;
  private static final int LOOP_THREADS = Runtime.getRuntime().availableProcessors();
  private static final MessageHandler PONG =
      exchange -> exchange.reply(FrameType.PONG, ByteBuffer.allocate(0));

  private final NodeConfig config;
  private final ChainMerge merge;
  private final MergeSettings mergeSettings;
  private final BuildStages stages;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final AtomicLong session = new AtomicLong();
  private final ReadClock readClock = new ReadClock(System::nanoTime, System::currentTimeMillis);
  private final AtomicReference<@Nullable MetadataVoter> voter = new AtomicReference<>();
  private volatile String raftPeerId = "";

  NodeAssembly(
      NodeConfig config, ChainMerge merge, MergeSettings mergeSettings, BuildStages stages) {
    this.config = config;
    this.merge = merge;
    this.mergeSettings = mergeSettings;
    this.stages = stages;
  }

  Node start() {
    try {
      return assemble();
    } catch (RuntimeException | Error e) {
      Node.closeAll(parts);
      throw e;
    }
  }

  private <T extends AutoCloseable> T add(T part) {
    parts.addLast(part);
    return part;
  }

  private Node assemble() {
    checkAdvertised();
    DataDirectory directory = add(DataDirectory.lock(config.dataDirectory()));
    Transport transport = add(Transport.start(TRANSPORT_THREADS));
    NodeIdentity identity = IdentityChoice.choose(config, directory.identityFile(), transport);
    MetadataFeed feed = new MetadataFeed(SnapshotKeeper.load(directory.metadataSnapshot()));
    ExecutorService snapshotPool = Pools.single("metadata-snapshot");
    parts.addLast(() -> Pools.stop(snapshotPool));
    SnapshotKeeper.keep(directory.metadataSnapshot(), feed, snapshotPool);
    FileStore store = new FileStore(directory.tables(), config.minFreeDiskFraction());
    Peers peers =
        add(
            new Peers(
                transport,
                feed::current,
                Hello.peer(identity.clusterId(), identity.nodeId()),
                identity.nodeId()));
    Proposer proposer = new Proposer(this::takingPart, peers);
    ReadTallies tallies = new ReadTallies();
    TrialTallies counted = new TrialTallies();
    ReadPressure pressure = new ReadPressure(tallies::arrived);
    BackgroundRate background = BackgroundRate.yieldingTo(pressure);
    NodeMetrics metrics = new NodeMetrics(tallies);
    metrics.freeDisk(config.dataDirectory().toAbsolutePath());
    ServingCatalog catalog = new ServingCatalog();
    Reconciler reconciler =
        new Reconciler(
            identity.nodeId(),
            feed,
            store,
            new FileFetch(store, peers, metrics, background),
            catalog,
            counted,
            proposer,
            session,
            readClock,
            background);
    add(reconciler);
    reconciler.showFirst();
    Merger merger =
        add(
            new Merger(
                identity.nodeId(),
                feed,
                store,
                reconciler,
                proposer,
                session,
                merge,
                mergeSettings,
                background));
    Liveness liveness = new Liveness(System::nanoTime);
    TrialReports trials = new TrialReports();
    Streams streams = new Streams(feed::listen);
    Map<FrameType, RequestHandler> handlers = new EnumMap<>(FrameType.class);
    BatchReads reads = addReads(handlers, catalog, peers, tallies, feed, streams);
    addControl(handlers, identity, feed, streams, peers, proposer, liveness, trials);
    addShipping(handlers, identity, store, feed, proposer, metrics, background);
    handlers.put(FrameType.ASK_FILE, new AskFileHandler(reconciler::openDigest));
    Optional<Builder> builder =
        addBuilder(handlers, identity, directory, store, feed, proposer, peers, background);
    metrics.gauge(
        "featurekv_build_memory_bytes",
        "What builds of load --on-cluster may take outside the heap",
        () -> builder.isPresent() ? config.build().memoryBytes() : 0);
    Admission admission = Admission.byMemory();
    EventLoops loops = add(EventLoops.start(config.transport().required(), LOOP_THREADS));
    pressure.watch(loops);
    metrics.gauge(
        "featurekv_background_bytes_per_second",
        "Rate at which work beside the reads may go on",
        background::bytesPerSecond);
    NodeServer server =
        add(
            NodeServer.listen(
                loops,
                config.listen(),
                new ServerIdentity(
                    identity.clusterId(),
                    identity.nodeId(),
                    identity.sect(),
                    () -> feed.current().index()),
                handlers,
                admission));
    String listen = new Endpoint(advertiseHost(), server.port()).toString();
    startResp(loops, identity, reads, admission, feed, metrics);
    identity = startVoter(identity, directory, feed);
    reconciler.start();
    Scrub scrub = add(new Scrub(reconciler::servedFiles, reconciler::onDamaged, background));
    scrub.start();
    String http = startHttp(metrics, feed, catalog, server, admission, identity);
    startControl(identity, feed, peers, proposer, liveness, counted, trials, listen, http);
    merger.start();
    builder.ifPresent(Builder::start);
    return new Node(identity, listen, parts);
  }

  private void checkAdvertised() {
    boolean isWildcard =
        config.listen().socketHost().equals("0.0.0.0") || config.listen().socketHost().equals("::");
    if (isWildcard && config.advertiseHost() == null) {
      throw new FeatureKvException(
          ErrorCode.WRONG_CLUSTER,
          "listening on "
              + config.listen()
              + " needs --advertise: other nodes cannot connect to a wildcard address");
    }
  }

  private String advertiseHost() {
    String host = config.advertiseHost();
    return host == null ? config.listen().host() : host;
  }

  private Optional<MetadataVoter> takingPart() {
    return ControlPlane.takingPart(voter.get(), raftPeerId);
  }

  private BatchReads addReads(
      Map<FrameType, RequestHandler> handlers,
      ServingCatalog catalog,
      Peers peers,
      ReadTallies tallies,
      MetadataFeed feed,
      Streams streams) {
    ExecutorService readPool = Pools.reads();
    parts.addLast(() -> Pools.stop(readPool));
    BatchReads reads = new BatchReads(catalog, readPool, peers, tallies, readClock);
    handlers.put(FrameType.BATCH_GET, new BatchGetHandler(reads));
    handlers.put(FrameType.SCAN, new ScanHandler(catalog, readPool, peers, readClock));
    handlers.put(FrameType.WATCH_ROUTING, new WatchRoutingHandler(feed, streams, readClock));
    handlers.put(FrameType.CANCEL, new CancelHandler(streams));
    handlers.put(FrameType.PING, PONG);
    return reads;
  }

  private void addControl(
      Map<FrameType, RequestHandler> handlers,
      NodeIdentity identity,
      MetadataFeed feed,
      Streams streams,
      Peers peers,
      Proposer proposer,
      Liveness liveness,
      TrialReports trials) {
    handlers.put(FrameType.PROPOSE, new ProposeHandler(proposer));
    handlers.put(
        FrameType.READ_METADATA,
        new ReadMetadataHandler(feed, this::takingPart, peers, identity.nodeId()));
    handlers.put(FrameType.WATCH_METADATA, new WatchMetadataHandler(feed, streams));
    handlers.put(
        FrameType.HEARTBEAT,
        new HeartbeatHandler(
            liveness,
            trials,
            () -> takingPart().map(MetadataVoter::isLeader).orElse(false),
            id -> feed.current().nodes().containsKey(id)));
  }

  private void addShipping(
      Map<FrameType, RequestHandler> handlers,
      NodeIdentity identity,
      FileStore store,
      MetadataFeed feed,
      Proposer proposer,
      NodeMetrics metrics,
      BackgroundRate background) {
    ExecutorService uploadPool = Pools.uploads();
    parts.addLast(() -> Pools.stop(uploadPool));
    Uploads uploads =
        new Uploads(
            identity.nodeId(),
            store,
            feed,
            proposer,
            session,
            uploadPool,
            metrics,
            config.linkFiles(),
            background);
    handlers.put(FrameType.GET_PIECES, new GetPiecesHandler(store));
    handlers.put(FrameType.GET_PIECE, new GetPieceHandler(store, metrics));
    handlers.put(FrameType.OFFER_FILE, uploads.offer());
    handlers.put(FrameType.PUT_PIECE, uploads.put());
    handlers.put(FrameType.LINK_FILE, uploads.link());
    handlers.put(FrameType.PROVE_PIECE, uploads.prove());
    handlers.put(FrameType.COMMIT_FILE, uploads.commit());
  }

  private Optional<Builder> addBuilder(
      Map<FrameType, RequestHandler> handlers,
      NodeIdentity identity,
      DataDirectory directory,
      FileStore store,
      MetadataFeed feed,
      Proposer proposer,
      Peers peers,
      BackgroundRate background) {
    if (!config.duties().contains(Duty.BUILD)) {
      return Optional.empty();
    }
    Builder builder =
        add(
            new Builder(
                identity.nodeId(),
                directory.build(),
                feed,
                proposer,
                peers,
                session,
                store,
                config.build(),
                stages,
                background));
    handlers.put(FrameType.GET_RUNS, builder.server().runs());
    handlers.put(FrameType.GET_RUN_PART, builder.server().part());
    return Optional.of(builder);
  }

  private NodeIdentity startVoter(
      NodeIdentity identity, DataDirectory directory, MetadataFeed feed) {
    Endpoint raftListen = config.raftListen();
    raftPeerId = identity.nodeId() + "-" + identity.incarnation();
    if (!config.duties().contains(Duty.META) || raftListen == null) {
      return identity;
    }
    VoterStart.Started started =
        VoterStart.start(
            config, raftListen, advertiseHost(), identity, directory.identityFile(), feed);
    voter.set(started.voter());
    raftPeerId = started.identity().nodeId() + "-" + started.identity().incarnation();
    add(started.voter());
    return started.identity();
  }

  private void startResp(
      EventLoops loops,
      NodeIdentity identity,
      BatchReads reads,
      Admission admission,
      MetadataFeed feed,
      NodeMetrics metrics) {
    RespConfig resp = config.resp();
    if (resp == null) {
      return;
    }
    RespServer server =
        add(RespServer.listen(loops, resp, identity.nodeId(), reads, admission, feed::current));
    metrics.gauge(
        "featurekv_resp_connections",
        "Open connections of clients of Redis",
        server::connectionCount);
    metrics.count(
        "featurekv_resp_commands_total",
        "Commands of clients of Redis that were executed or refused",
        server::commandCount);
  }

  private String startHttp(
      NodeMetrics metrics,
      MetadataFeed feed,
      ServingCatalog catalog,
      NodeServer server,
      Admission admission,
      NodeIdentity identity) {
    Endpoint listen = config.httpListen();
    if (listen == null) {
      return "";
    }
    metrics.gauge("featurekv_connections", "Open connections", server::connectionCount);
    metrics.gauge(
        "featurekv_reads_in_flight_bytes",
        "Bytes of reads that wait for a thread, another node or their receiver",
        admission::bytes);
    metrics.gauge(
        "featurekv_metadata_index", "Metadata index known here", () -> feed.current().index());
    metrics.gauge(
        "featurekv_raft_term",
        "Newest Raft term that this voter has heard of",
        () -> position().map(position -> (double) position.term()).orElse(Double.NaN));
    metrics.gauge(
        "featurekv_raft_commit_index",
        "Last log entry that this voter knows a majority has",
        () -> position().map(position -> (double) position.commitIndex()).orElse(Double.NaN));
    NodeSummary summary =
        new NodeSummary(
            identity.nodeId(), feed, catalog, session::get, this::voterFailure, this::position);
    HttpFace http =
        add(new HttpFace(listen, metrics, summary::notReady, summary::page, summary::standing));
    return new Endpoint(advertiseHost(), http.port()).toString();
  }

  private Optional<RaftPosition> position() {
    MetadataVoter present = voter.get();
    return present == null ? Optional.empty() : present.position();
  }

  private Optional<String> voterFailure() {
    MetadataVoter present = voter.get();
    return present == null ? Optional.empty() : present.failure();
  }

  private void startControl(
      NodeIdentity identity,
      MetadataFeed feed,
      Peers peers,
      Proposer proposer,
      Liveness liveness,
      TrialTallies counted,
      TrialReports trials,
      String listen,
      String http) {
    Endpoint raft = config.raftListen();
    boolean votes = config.duties().contains(Duty.META) && raft != null;
    Command.RegisterNode registration =
        new Command.RegisterNode(
            identity.nodeId(),
            identity.incarnation(),
            identity.sect(),
            config.duties(),
            listen,
            votes && raft != null ? new Endpoint(advertiseHost(), raft.port()).toString() : "",
            http,
            1);
    Command.FormCluster form =
        identity.founder() ? new Command.FormCluster(identity.clusterId(), config.voters()) : null;
    ControlPlane control =
        add(
            new ControlPlane(
                new ControlPlane.Self(identity.nodeId(), registration, form),
                feed,
                peers,
                proposer,
                liveness,
                counted::counts,
                trials,
                session,
                readClock,
                voter.get(),
                List.copyOf(config.join())));
    control.start();
  }
}
