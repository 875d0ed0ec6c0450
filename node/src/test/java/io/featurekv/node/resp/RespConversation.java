package io.featurekv.node.resp;

import io.featurekv.client.transport.Transport;
import io.featurekv.model.KeyHash;
import io.featurekv.model.ReadClock;
import io.featurekv.model.RowSchema;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.control.MetadataScript;
import io.featurekv.node.control.Peers;
import io.featurekv.node.server.Admission;
import io.featurekv.node.serving.BatchReads;
import io.featurekv.node.serving.ReadTallies;
import io.featurekv.node.serving.ServedTable;
import io.featurekv.node.serving.ServedVersion;
import io.featurekv.node.serving.ServingCatalog;
import io.featurekv.protocol.Hello;
import io.featurekv.storage.BlockDictionary;
import io.featurekv.storage.OpenShardFile;
import io.featurekv.storage.ShardBuildOptions;
import io.featurekv.storage.ShardChain;
import io.featurekv.storage.ShardFileSpec;
import io.featurekv.storage.ShardFiles;
import io.featurekv.storage.ShardWriter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Tables in small files, and connections to them without a network. What would be read on the pool
 * waits until the test says so.
 */
final class RespConversation implements AutoCloseable {
  private final Path directory;
  private final ServingCatalog catalog = new ServingCatalog();
  private final Map<String, ServedTable> tables = new HashMap<>();
  private final Queue<AutoCloseable> open = new ArrayDeque<>();
  private final Queue<Runnable> pool = new ArrayDeque<>();
  private final Admission admission = new Admission(Long.MAX_VALUE);
  private final MetadataScript metadata = new MetadataScript();
  private final RespShared shared;
  private EmbeddedChannel channel;
  private long versions;

  RespConversation(Path directory, RespDatabases databases, @Nullable Password password) {
    this.directory = directory;
    Transport transport = Transport.start(1);
    open.add(transport);
    Peers peers =
        new Peers(
            transport, metadata::metadata, Hello.peer(metadata.metadata().clusterId(), "n0"), "n0");
    BatchReads reads =
        new BatchReads(
            catalog,
            pool::add,
            peers,
            new ReadTallies(),
            new ReadClock(() -> 0, System::currentTimeMillis));
    RespCounts counts = new RespCounts();
    shared =
        new RespShared(
            reads,
            admission,
            databases,
            password,
            counts,
            new ServerInfo("n0", 1, databases, metadata::metadata, counts, () -> 1, () -> 0),
            new CommandTable(),
            new AtomicLong());
    connect();
  }

  /** Gives a table another version; {@code entries} are keys and values in turn. */
  void load(String table, TableKind kind, String... entries) {
    long number = ++versions;
    ShardFileSpec spec =
        new ShardFileSpec(new ShardFileId(table, number, 0), 1, kind, UpdateMode.FULL);
    Map<String, String> sorted = new HashMap<>();
    for (int i = 0; i < entries.length; i += 2) {
      sorted.put(entries[i], entries[i + 1]);
    }
    byte[] dictionary =
        kind == TableKind.BLK
            ? BlockDictionary.train(sorted.values().stream().map(RespConversation::utf8).toList())
            : null;
    Comparator<byte[]> order =
        kind == TableKind.MEM
            ? (a, b) -> Long.compareUnsigned(KeyHash.of(a), KeyHash.of(b))
            : java.util.Arrays::compareUnsigned;
    Path file = directory.resolve(table + "-" + number + ".mdb");
    try (ShardWriter writer =
        ShardFiles.create(
            file,
            spec,
            new ShardBuildOptions(
                sorted.size(), ShardBuildOptions.DEFAULT_BLOCK_ENTRIES, dictionary))) {
      sorted.keySet().stream()
          .map(RespConversation::utf8)
          .sorted(order)
          .forEach(
              key -> {
                byte[] value = utf8(sorted.get(new String(key, StandardCharsets.UTF_8)));
                writer.put(key, 0, key.length, value, 0, value.length);
              });
      writer.seal();
    }
    OpenShardFile opened = ShardFiles.open(file, spec);
    ShardChain chain = ShardChain.of(List.of(opened));
    open.add(chain);
    open.add(opened);
    ServedVersion version = ServedVersion.of(number, kind, List.of(chain), List.of(List.of()));
    tables.put(table, ServedTable.of(table, number, Map.of(number, version)));
    catalog.show(new ServingCatalog.Picture(number, tables));
  }

  /** Says that the values of a table are rows. */
  void columns(String table, RowSchema schema) {
    ServedTable known = tables.get(table);
    tables.put(table, ServedTable.of(table, known.activeVersion(), known.versions(), schema));
    catalog.show(new ServingCatalog.Picture(versions, tables));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Begins with a new connection. */
  void connect() {
    if (channel != null) {
      channel.finishAndReleaseAll();
    }
    channel = new EmbeddedChannel(new RespConnection(shared, () -> {}));
  }

  EmbeddedChannel channel() {
    return channel;
  }

  Admission admission() {
    return admission;
  }

  /** Receives bytes; returns what is replied at once. */
  String send(byte[] bytes) {
    channel.writeInbound(channel.alloc().directBuffer(bytes.length + 1).writeBytes(bytes));
    return replies();
  }

  String send(String text) {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends a command as clients do. */
  String call(String... words) {
    return send(command(words));
  }

  static String command(String... words) {
    StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      int length = utf8(word).length;
      text.append('$').append(length).append("\r\n");
      text.append(new String(utf8(word), StandardCharsets.ISO_8859_1)).append("\r\n");
    }
    return text.toString();
  }

  /** What was replied since the last time. */
  String replies() {
    StringBuilder text = new StringBuilder();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      text.append(out.toString(StandardCharsets.ISO_8859_1));
      out.release();
    }
    return text.toString();
  }

  /** Whether a read waits for the pool. */
  boolean isPoolWaiting() {
    return !pool.isEmpty();
  }

  /** Reads what waits for the pool, once; returns what is replied then. */
  String runPool() {
    int waiting = pool.size();
    for (int i = 0; i < waiting; i++) {
      pool.remove().run();
    }
    channel.runPendingTasks();
    return replies();
  }

  /** Reads until nothing waits any more. */
  String runPoolToTheEnd() {
    StringBuilder text = new StringBuilder();
    while (isPoolWaiting()) {
      text.append(runPool());
    }
    return text.toString();
  }

  @Override
  public void close() throws Exception {
    channel.finishAndReleaseAll();
    for (AutoCloseable part : open) {
      part.close();
    }
  }
}
