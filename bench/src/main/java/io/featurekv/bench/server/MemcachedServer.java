package io.featurekv.bench.server;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.wire.MemcachedWire;
import io.featurekv.model.Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** memcached with its default threads and memory enough to keep everything. */
public final class MemcachedServer implements Server {
  private static final long ENTRY_BYTES = 280;
  private static final byte[] LINE_END = BulkLoad.ascii("\r\n");

  private final ServerProcess process;
  private final long memoryMegabytes;

  private MemcachedServer(ServerProcess process, long memoryMegabytes) {
    this.process = process;
    this.memoryMegabytes = memoryMegabytes;
  }

  /** With room for so many entries of the standard set. */
  public static MemcachedServer start(Path directory, long entries) throws IOException {
    int port = ServerProcess.freePorts(1).getFirst();
    long megabytes = 128 + ((entries * ENTRY_BYTES) >> 20);
    List<String> command =
        new ArrayList<>(
            List.of(
                "memcached",
                "-l",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-U",
                "0",
                "-m",
                Long.toString(megabytes)));
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("-u", "root"));
    }
    return new MemcachedServer(
        ServerProcess.start(
            command, new Endpoint("127.0.0.1", port), directory.resolve("memcached.log")),
        megabytes);
  }

  @Override
  public String name() {
    return "memcached";
  }

  @Override
  public String description() {
    return "memcached -m " + memoryMegabytes + ", its default of 4 threads";
  }

  @Override
  public Endpoint endpoint() {
    return process.endpoint();
  }

  @Override
  public void load(EntrySet entries) throws IOException {
    BulkLoad.run(endpoint(), entries, new SetCommands());
    String stats = BulkLoad.ask(endpoint(), "stats", "END\r\n");
    if (stat(stats, "curr_items") != entries.count() || stat(stats, "evictions") != 0) {
      throw new IOException(
          "memcached: expected "
              + entries.count()
              + " items and no eviction, found "
              + stat(stats, "curr_items")
              + " and "
              + stat(stats, "evictions"));
    }
  }

  private static long stat(String stats, String name) throws IOException {
    for (String line : stats.split("\r\n", -1)) {
      if (line.startsWith("STAT " + name + " ")) {
        return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
      }
    }
    throw new IOException("memcached has no statistic " + name);
  }

  @Override
  public List<Dialect> dialects(int batch) {
    return List.of(
        new Dialect("get", () -> new MemcachedWire(false)),
        new Dialect("mg", () -> new MemcachedWire(true)));
  }

  @Override
  public double cpuSeconds() throws IOException {
    return process.cpuSeconds();
  }

  @Override
  public long residentBytes() throws IOException {
    return process.residentBytes();
  }

  @Override
  public void close() {
    process.close();
  }

  private static final class SetCommands implements BulkLoad.Dialect {
    @Override
    public void putSet(ByteBuffer out, byte[] key, byte[] value, int valueBytes) {
      out.put(BulkLoad.ascii("set ")).put(key);
      out.put(BulkLoad.ascii(" 0 0 " + valueBytes + " noreply\r\n"));
      out.put(value, 0, valueBytes).put(LINE_END);
    }

    /** Errors of commands without a reply come before this one's. */
    @Override
    public byte[] windowEnd() {
      return BulkLoad.ascii("mn\r\n");
    }

    @Override
    public byte[] answer(int sets) {
      return BulkLoad.ascii("MN\r\n");
    }
  }
}
