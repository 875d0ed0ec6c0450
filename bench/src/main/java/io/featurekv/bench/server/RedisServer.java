package io.featurekv.bench.server;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.wire.RespWire;
import io.featurekv.model.Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** redis-server, of one thread as it comes, without persistence. */
public final class RedisServer implements Server {
  private static final byte[] SET = BulkLoad.ascii("*3\r\n$3\r\nSET\r\n$16\r\n");
  private static final byte[] LINE_END = BulkLoad.ascii("\r\n");

  private final ServerProcess process;

  private RedisServer(ServerProcess process) {
    this.process = process;
  }

  public static RedisServer start(Path directory) throws IOException {
    int port = ServerProcess.freePorts(1).getFirst();
    return new RedisServer(
        ServerProcess.start(
            List.of(
                "redis-server",
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--daemonize",
                "no",
                "--dir",
                directory.toString()),
            new Endpoint("127.0.0.1", port),
            directory.resolve("redis.log")));
  }

  @Override
  public String name() {
    return "redis";
  }

  @Override
  public String description() {
    return "redis-server --save '' --appendonly no, one thread for requests";
  }

  @Override
  public Endpoint endpoint() {
    return process.endpoint();
  }

  @Override
  public void load(EntrySet entries) throws IOException {
    BulkLoad.run(endpoint(), entries, new SetCommands());
    String size = BulkLoad.ask(endpoint(), "DBSIZE", "\r\n");
    if (!size.strip().equals(":" + entries.count())) {
      throw new IOException("redis: expected " + entries.count() + " keys, found " + size.strip());
    }
  }

  @Override
  public List<Dialect> dialects(int batch) {
    return List.of(new Dialect("", () -> new RespWire(batch == 1, 0)));
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
      out.put(SET).put(key).put(BulkLoad.ascii("\r\n$" + valueBytes + "\r\n"));
      out.put(value, 0, valueBytes).put(LINE_END);
    }

    @Override
    public byte[] windowEnd() {
      return new byte[0];
    }

    @Override
    public byte[] answer(int sets) {
      return BulkLoad.ascii("+OK\r\n".repeat(sets));
    }
  }
}
