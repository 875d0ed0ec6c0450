package io.featurekv.bench;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.data.ValueShape;
import io.featurekv.bench.report.Table;
import io.featurekv.bench.server.FeatureKvServer;
import io.featurekv.bench.server.MemcachedServer;
import io.featurekv.bench.server.RedisServer;
import io.featurekv.bench.server.Server;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The servers of one run, loaded, and what was found. Closed by any thread. */
final class ServerLab implements AutoCloseable {
  private final ReadsOptions options;
  private final Path directory;
  private final PrintStream out;
  private final List<Server> servers = new ArrayList<>();
  private final List<Table> tables = new ArrayList<>();
  private boolean isClosed;

  /** What servers keep lies in a directory, which is there. */
  ServerLab(ReadsOptions options, Path directory, PrintStream out) {
    this.options = options;
    this.directory = directory;
    this.out = out;
  }

  ReadsOptions options() {
    return options;
  }

  EntrySet entries() {
    return EntrySet.plain(options.entries(), ValueShape.FIXED);
  }

  /** FeatureKV's come first. */
  List<Server> servers() {
    return servers;
  }

  List<Table> tables() {
    return tables;
  }

  void say(String sentence) {
    out.println("-- " + sentence);
    out.flush();
  }

  void report(Table table) {
    tables.add(table);
    out.println();
    out.println(table.text());
    out.flush();
  }

  /** Starts every server and loads it. */
  Table start() throws IOException {
    Table table =
        new Table(
            "loading " + options.entries() + " entries",
            List.of(
                new Table.Column("seconds", 1),
                new Table.Column("server CPU s", 1),
                new Table.Column("memory MB", 0)));
    for (String kind : ReadsOptions.OWN) {
      if (options.only().contains(kind)) {
        FeatureKvServer node = FeatureKvServer.start(directory, options.executable(), kind);
        load(own(node), table);
        if (options.hasResp() && node.respFace().isPresent()) {
          Server face = own(node.respFace().get());
          SampleCheck.run(face, entries(), options.batch());
        }
      }
    }
    if (options.peers().contains("redis")) {
      load(own(RedisServer.start(directory)), table);
    }
    if (options.peers().contains("memcached")) {
      load(own(MemcachedServer.start(directory, options.entries())), table);
    }
    table.note("FeatureKV is loaded by its own command, from generated rows to an active version;");
    table.note("the others by pipelined sets over one connection. Memory includes mapped files.");
    return table;
  }

  private void load(Server server, Table table) throws IOException {
    say("loading " + server.name() + ": " + server.description());
    long start = System.nanoTime();
    double before = server.cpuSeconds();
    server.load(entries());
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpu = server.cpuSeconds() - before;
    SampleCheck.run(server, entries(), options.batch());
    table.add(server.name(), List.of(seconds, cpu, (double) (server.residentBytes() >> 20)));
  }

  /** Keeps a server, unless everything was closed meanwhile. */
  private synchronized Server own(Server server) throws IOException {
    if (isClosed) {
      server.close();
      throw new IOException("interrupted");
    }
    servers.add(server);
    return server;
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    servers.reversed().forEach(Server::close);
    servers.clear();
  }
}
