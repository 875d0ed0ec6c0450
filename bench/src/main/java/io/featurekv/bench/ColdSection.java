package io.featurekv.bench;

import io.featurekv.bench.cold.DiskReads;
import io.featurekv.bench.cold.MemoryLimit;
import io.featurekv.bench.cold.PageCache;
import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.data.KeyMix;
import io.featurekv.bench.data.Reply;
import io.featurekv.bench.data.RequestBatch;
import io.featurekv.bench.data.Requests;
import io.featurekv.bench.data.ValueShape;
import io.featurekv.bench.engine.Checks;
import io.featurekv.bench.engine.Directories;
import io.featurekv.bench.engine.FeatureKvEngine;
import io.featurekv.bench.engine.Store;
import io.featurekv.bench.report.Table;
import io.featurekv.model.TableKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gets from files that memory has no room for, by one thread that asks for one batch after the
 * other, held against random reads of 4 KB of the same files.
 */
final class ColdSection {
  private static final int ROUNDS = 3;
  private static final int PAGE_BYTES = 4096;
  private static final List<Table.Column> COLUMNS =
      List.of(
          new Table.Column("keys/s", 0),
          new Table.Column("CPU ns/key", 0),
          new Table.Column("process", 0),
          new Table.Column("KB read/key", 2),
          new Table.Column("4 KB reads/s", 0),
          new Table.Column("reads/s over keys/s", 2),
          new Table.Column("in memory at start %", 2));

  private final Lab lab;
  private final double roundSeconds;
  private final DiskReads disk;

  ColdSection(Lab lab) {
    this.lab = lab;
    this.roundSeconds = (double) lab.options().coldSeconds() / ROUNDS;
    this.disk = DiskReads.best(roundSeconds);
  }

  void run() throws IOException {
    Table table = new Table("cold gets, memory for a quarter of the data", COLUMNS);
    Optional<MemoryLimit> limit = MemoryLimit.own();
    for (TableKind kind : List.of(TableKind.IDX, TableKind.BLK)) {
      if (lab.options().only().contains(kind.word())) {
        ValueShape shape = kind == TableKind.BLK ? ValueShape.COLUMNS : ValueShape.FIXED;
        Subject subject =
            new Subject(
                new FeatureKvEngine(kind.word(), kind, lab.options().shards(), false),
                EntrySet.plain(lab.options().entries(), shape));
        if (!Files.isDirectory(lab.directory(subject))) {
          lab.build(subject);
        }
        measure(subject, limit, table);
      }
    }
    table.note("Disk: " + disk.name() + ". blk holds the compressible values.");
    table.note(
        limit.isPresent()
            ? "Memory bound by a control group (version 2)."
            : "No control group to bound memory by: pages are forgotten (madvise, posix_fadvise)"
                + " at the start and whenever a quarter of the file was read.");
    lab.report(table);
  }

  private void measure(Subject subject, Optional<MemoryLimit> limit, Table table)
      throws IOException {
    lab.say("cold gets, " + subject.name());
    List<Path> files = Directories.files(lab.directory(subject));
    long dataBytes = Directories.diskBytes(lab.directory(subject));
    double best = 0;
    double readsPerSecond = 0;
    List<Double> figures = List.of();
    try (Store store = subject.engine().open(lab.directory(subject))) {
      Checks.gets(store, subject.entries(), lab.options().batch());
      for (int round = 0; round < ROUNDS; round++) {
        PageCache.forget(files);
        readsPerSecond = Math.max(readsPerSecond, disk.readsPerSecond(files, roundSeconds));
        PageCache.forget(files);
        double resident = PageCache.residentPart(files);
        if (limit.isPresent()) {
          limit.get().allow(dataBytes / 4);
        }
        Reading reading = new Reading(store, subject, files, limit.isEmpty(), dataBytes / 4);
        reading.run(roundSeconds);
        if (reading.keysPerSecond() > best) {
          best = reading.keysPerSecond();
          figures = reading.figures();
          figures.add(100 * resident);
        }
        if (limit.isPresent()) {
          limit.get().close();
        }
      }
    }
    List<Double> row = new ArrayList<>(figures.subList(0, 4));
    row.add(readsPerSecond);
    row.add(readsPerSecond / best);
    row.add(figures.getLast());
    table.add(subject.name(), row);
  }

  /** One round of one store. */
  private final class Reading {
    private final Store store;
    private final Subject subject;
    private final List<Path> files;
    private final boolean forgets;
    private final long quarterBytes;
    private final Stopwatch watch = new Stopwatch();
    private long readBytes;
    private long sinceForgottenBytes;

    Reading(Store store, Subject subject, List<Path> files, boolean forgets, long quarterBytes) {
      this.store = store;
      this.subject = subject;
      this.files = files;
      this.forgets = forgets;
      this.quarterBytes = quarterBytes;
    }

    void run(double seconds) throws IOException {
      int batchSize = lab.options().batch();
      try (Requests requests =
              new Requests(
                  subject.entries().count(), KeyMix.UNIFORM, batchSize, System.nanoTime());
          Reply reply = new Reply(batchSize)) {
        while (watch.wallSeconds() < seconds) {
          for (RequestBatch batch : requests.next()) {
            get(batch, reply);
          }
        }
      }
    }

    private void get(RequestBatch batch, Reply reply) throws IOException {
      long before = processReadBytes();
      reply.reset();
      watch.start();
      store.get(batch, reply);
      watch.stop(batch.size());
      long read = processReadBytes() - before;
      readBytes += read;
      // Some filesystems do not say what they read: a page a key at least.
      sinceForgottenBytes += Math.max(read, (long) batch.size() * PAGE_BYTES);
      if (forgets && sinceForgottenBytes >= quarterBytes) {
        PageCache.forget(files);
        sinceForgottenBytes = 0;
      }
    }

    double keysPerSecond() {
      return watch.operations() / watch.wallSeconds();
    }

    List<Double> figures() {
      Stopwatch.Cost cost = watch.cost();
      return new ArrayList<>(
          List.of(
              keysPerSecond(),
              cost.threadNanos(),
              cost.processNanos(),
              readBytes / 1024.0 / Math.max(1, watch.operations())));
    }
  }

  /** Bytes that this process had fetched from disks. */
  private static long processReadBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/io"))) {
      if (line.startsWith("read_bytes: ")) {
        return Long.parseLong(line.substring("read_bytes: ".length()));
      }
    }
    return 0;
  }
}
