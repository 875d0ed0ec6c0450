package io.featurekv.client;

import io.featurekv.client.transport.FrameDecoder;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.protocol.BatchValuesWriter;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import io.featurekv.protocol.HelloReply;
import io.featurekv.protocol.RowShape;
import io.featurekv.protocol.ScanReply;
import io.featurekv.protocol.ScanRequest;
import io.featurekv.protocol.message.Routing;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** One scripted node. What it does is set by the volatile fields, while it runs. */
final class FakeNode {
  /** How it meets reads. */
  enum Mood {
    /** Answers. */
    WELL,
    /** Takes requests, PINGs included, and says nothing. */
    HUNG,
    /** Answers every read with ERROR {@link #error}. */
    BROKEN,
    /** Answers every key with FAILED {@link #error}. */
    FAILS_KEYS,
    /** Answers with the values of the version before. */
    LIES_ABOUT_VERSION,
    /** Answers with bytes that are no BATCH_VALUES. */
    BABBLES,
    /** Closes the connection at every read. */
    HANGS_UP
  }

  volatile Mood mood = Mood.WELL;
  volatile ErrorCode error = ErrorCode.INTERNAL;
  volatile boolean followsMetadata = true;
  volatile long answersAfterMillis;
  volatile int valuesPerReply = Integer.MAX_VALUE;
  volatile int maxBatchKeys = Limits.MAX_BATCH_KEYS;
  volatile Runnable beforeRead = () -> {};
  final Set<Long> notServed = ConcurrentHashMap.newKeySet();
  final AtomicInteger reads = new AtomicInteger();

  /** The read time of every BATCH_GET and SCAN, answered or not. */
  final List<Long> readTimes = new CopyOnWriteArrayList<>();

  final AtomicInteger cancels = new AtomicInteger();

  private final FakeCluster cluster;
  private final String id;
  private final String sect;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Map<Watch, Boolean> watches = new ConcurrentHashMap<>();
  private final int port;
  private volatile Channel server;
  private volatile Routing lastRouting;

  private record Watch(Channel channel, int requestId) {}

  FakeNode(FakeCluster cluster, String id, String sect) {
    this.cluster = cluster;
    this.id = id;
    this.sect = sect;
    server = bind(0);
    port = ((InetSocketAddress) server.localAddress()).getPort();
  }

  String id() {
    return id;
  }

  String sect() {
    return sect;
  }

  Endpoint endpoint() {
    return new Endpoint("127.0.0.1", port);
  }

  private Channel bind(int wantedPort) {
    return new ServerBootstrap()
        .group(cluster.loops)
        .channel(NioServerSocketChannel.class)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                connections.add(channel);
                channel
                    .pipeline()
                    .addLast(new FrameDecoder(Limits.MAX_REQUEST_FRAME_BYTES))
                    .addLast(new Handler());
              }
            })
        .bind("127.0.0.1", wantedPort)
        .syncUninterruptibly()
        .channel();
  }

  /** Closes its port and every connection, like the end of the process. */
  void kill() {
    server.close().syncUninterruptibly();
    connections.close().awaitUninterruptibly();
    watches.clear();
  }

  /** Listens at the same port again. */
  void restart() {
    server = bind(port);
  }

  void follow(Routing routing) {
    if (followsMetadata) {
      lastRouting = routing;
      for (Watch watch : watches.keySet()) {
        send(watch.channel, FrameType.ROUTING, watch.requestId, bytes(routing));
      }
    }
  }

  private static ByteBuffer bytes(Routing routing) {
    return ByteBuffer.wrap(routing.toByteArray());
  }

  private static void send(Channel channel, FrameType type, int requestId, ByteBuffer body) {
    ByteBuffer header = ByteBuffer.allocate(FrameHeader.BYTES);
    FrameHeader.of(body.remaining(), type, 0, requestId).encode(header);
    var unused = channel.writeAndFlush(Unpooled.wrappedBuffer(header.flip(), body));
  }

  private final class Handler extends SimpleChannelInboundHandler<ByteBuf> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
      ByteBuffer bytes = ByteBuffer.allocate(frame.readableBytes());
      frame.readBytes(bytes);
      bytes.flip();
      FrameHeader header = FrameHeader.decode(bytes);
      Channel channel = context.channel();
      try {
        handle(channel, header, bytes);
      } catch (FeatureKvException e) {
        send(channel, FrameType.ERROR, header.requestId(), ErrorReply.of(e).encode());
      }
    }

    private void handle(Channel channel, FrameHeader header, ByteBuffer body) {
      int requestId = header.requestId();
      switch (FrameType.ofCode(header.typeCode())) {
        case HELLO -> hello(channel, requestId, Hello.decode(body));
        case PING -> {
          if (mood != Mood.HUNG) {
            send(channel, FrameType.PONG, requestId, ByteBuffer.allocate(0));
          }
        }
        case WATCH_ROUTING -> watch(channel, requestId);
        case CANCEL -> {
          cancels.incrementAndGet();
          watches.remove(new Watch(channel, requestId));
        }
        case BATCH_GET -> {
          BatchGetRequest request = BatchGetRequest.decode(body, header.flags());
          readTimes.add(request.readTimeMillis());
          read(channel, requestId, () -> batchGet(request), FrameType.BATCH_VALUES);
        }
        case SCAN -> {
          readTimes.add(ScanRequest.decode(body).readTimeMillis());
          read(channel, requestId, () -> scan(body), FrameType.SCAN_PAGE);
        }
        default -> throw new FeatureKvException(ErrorCode.PROTOCOL, "not scripted");
      }
    }
  }

  private void hello(Channel channel, int requestId, Hello hello) {
    String clusterId = cluster.clusterId();
    if (!hello.clusterId().isEmpty() && !hello.clusterId().equals(clusterId)) {
      throw new FeatureKvException(ErrorCode.WRONG_CLUSTER, "this is cluster " + clusterId);
    }
    HelloReply reply =
        new HelloReply(
            Hello.VERSION,
            Limits.MAX_REQUEST_FRAME_BYTES,
            maxBatchKeys,
            cluster.metadataIndex(),
            clusterId,
            id,
            sect);
    send(channel, FrameType.HELLO_OK, requestId, reply.encode());
  }

  private void watch(Channel channel, int requestId) {
    if (mood == Mood.HUNG) {
      return;
    }
    if (followsMetadata || lastRouting == null) {
      lastRouting = cluster.routing();
    }
    watches.put(new Watch(channel, requestId), true);
    send(channel, FrameType.ROUTING, requestId, bytes(lastRouting));
  }

  private interface Answer {
    ByteBuffer body();
  }

  private void read(Channel channel, int requestId, Answer answer, FrameType type) {
    reads.incrementAndGet();
    beforeRead.run();
    switch (mood) {
      case WELL, FAILS_KEYS, LIES_ABOUT_VERSION -> {
        ByteBuffer body = answer.body();
        if (answersAfterMillis == 0) {
          send(channel, type, requestId, body);
        } else {
          var unused =
              channel
                  .eventLoop()
                  .schedule(
                      () -> send(channel, type, requestId, body),
                      answersAfterMillis,
                      TimeUnit.MILLISECONDS);
        }
      }
      case HUNG -> {}
      case BROKEN -> throw new FeatureKvException(error, id + " is broken");
      case BABBLES -> send(channel, type, requestId, ByteBuffer.wrap(new byte[] {1, 2, 3}));
      case HANGS_UP -> {
        var unused = channel.close();
      }
    }
  }

  private ByteBuffer batchGet(BatchGetRequest request) {
    if (request.count() > maxBatchKeys) {
      throw new FeatureKvException(ErrorCode.TOO_LARGE, "too many keys");
    }
    long version = checkServed(request.table(), request.version());
    long answered = mood == Mood.LIES_ABOUT_VERSION ? version - 1 : version;
    ByteBuffer out = ByteBuffer.allocate(1 << 20);
    BatchValuesWriter writer = new BatchValuesWriter(out);
    writer.begin(answered, cluster.metadataIndex(), request.count());
    FakeRows rows = FakeRows.of(request.table(), request.columns());
    if (request.columns() != null) {
      writer.shape(rows == null ? RowShape.encode(null) : rows.shapeBytes());
    }
    int room = valuesPerReply;
    for (int i = 0; i < request.count(); i++) {
      String key = new String(request.key(i), StandardCharsets.UTF_8);
      String value = FakeCluster.value(request.table(), answered, key);
      if (mood == Mood.FAILS_KEYS) {
        writer.failed(error, id + " cannot read this key");
      } else if (value == null) {
        writer.absent();
      } else if (room-- <= 0) {
        writer.deferred();
      } else {
        byte[] bytes =
            rows == null ? value.getBytes(StandardCharsets.UTF_8) : rows.row(answered, key);
        out.put(writer.found(bytes.length), bytes);
      }
    }
    return out.flip();
  }

  private long checkServed(String table, long version) {
    if (!cluster.hasTable(table)) {
      throw new FeatureKvException(ErrorCode.NOT_FOUND, "no table " + table);
    }
    if (!cluster.hasVersion(table, version) || notServed.contains(version)) {
      throw new FeatureKvException(
          ErrorCode.VERSION_NOT_SERVED, id + " does not serve version " + version);
    }
    return version;
  }

  private ByteBuffer scan(ByteBuffer body) {
    ScanRequest request = ScanRequest.decode(body);
    long version = checkServed(request.table(), request.version());
    List<ScanReply.Entry> entries = new ArrayList<>();
    boolean more = false;
    FakeRows rows = FakeRows.of(request.table(), request.columns());
    for (String key : cluster.keysOf(request.table(), version, request.shard())) {
      byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
      String value = FakeCluster.value(request.table(), version, key);
      if (value != null && inRange(request, keyBytes)) {
        if (entries.size() == Math.min(request.maxEntries(), valuesPerReply)) {
          more = true;
          break;
        }
        entries.add(
            new ScanReply.Entry(
                keyBytes,
                rows == null ? value.getBytes(StandardCharsets.UTF_8) : rows.row(version, key)));
      }
    }
    ScanReply page = new ScanReply(version, more, entries);
    if (request.columns() == null) {
      return page.encode();
    }
    return page.encode(rows == null ? RowShape.encode(null) : rows.shapeBytes());
  }

  private static boolean inRange(ScanRequest request, byte[] key) {
    byte[] from = request.from();
    byte[] to = request.to();
    int afterFrom = from == null ? 1 : Arrays.compareUnsigned(key, from);
    return (afterFrom > 0 || (afterFrom == 0 && request.fromInclusive()))
        && (to == null || Arrays.compareUnsigned(key, to) < 0);
  }
}
