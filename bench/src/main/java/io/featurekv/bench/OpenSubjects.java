package io.featurekv.bench;

import io.featurekv.bench.cold.PageCache;
import io.featurekv.bench.data.KeyMix;
import io.featurekv.bench.data.Reply;
import io.featurekv.bench.data.RequestBatch;
import io.featurekv.bench.data.Requests;
import io.featurekv.bench.engine.Checks;
import io.featurekv.bench.engine.Directories;
import io.featurekv.bench.engine.OrderedStore;
import io.featurekv.bench.engine.ScanReply;
import io.featurekv.bench.engine.Store;
import io.featurekv.bench.report.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Stores that are open, and how long opening took. Closes them all. */
final class OpenSubjects implements AutoCloseable {
  private static final List<Table.Column> COLUMNS =
      List.of(
          new Table.Column("cached %", 0),
          new Table.Column("open ms", 1),
          new Table.Column("first batch ms", 2),
          new Table.Column("GB/s", 2),
          new Table.Column("own memory B/entry", 1),
          new Table.Column("file B/entry", 1));

  private final Lab lab;
  private final List<Subject> subjects;
  private final List<Store> stores = new ArrayList<>();
  private final List<Double> cachedParts = new ArrayList<>();
  private final List<Double> openSeconds = new ArrayList<>();
  private final List<Double> firstSeconds = new ArrayList<>();

  private OpenSubjects(Lab lab, List<Subject> subjects) {
    this.lab = lab;
    this.subjects = subjects;
  }

  /** Opens, checks and warms every store. */
  static OpenSubjects open(Lab lab, List<Subject> subjects) throws IOException {
    OpenSubjects opened = new OpenSubjects(lab, subjects);
    try {
      for (Subject subject : subjects) {
        opened.open(subject);
      }
      for (int i = 0; i < subjects.size(); i++) {
        opened.check(subjects.get(i), opened.stores.get(i));
      }
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private void open(Subject subject) throws IOException {
    int batchSize = lab.options().batch();
    try (Requests requests = new Requests(subject.entries().count(), KeyMix.UNIFORM, batchSize, 3);
        Reply reply = new Reply(batchSize)) {
      cachedParts.add(PageCache.residentPart(Directories.files(lab.directory(subject))));
      Stopwatch opening = new Stopwatch();
      opening.start();
      Store store = subject.engine().open(lab.directory(subject));
      opening.stop(1);
      stores.add(store);
      openSeconds.add(opening.wallSeconds());
      Stopwatch first = new Stopwatch();
      reply.reset();
      RequestBatch batch = requests.next().getFirst();
      first.start();
      store.get(batch, reply);
      first.stop(1);
      firstSeconds.add(first.wallSeconds());
    }
  }

  /** Checks answers, and reads everything once, so that caches are as full as they get. */
  private void check(Subject subject, Store store) {
    Checks.gets(store, subject.entries(), lab.options().batch());
    if (store instanceof OrderedStore ordered && isOrdered(subject)) {
      Checks.scans(ordered, subject.entries(), lab.idsByKey());
      try (ScanReply reply = new ScanReply()) {
        ordered.scan(null, Long.MAX_VALUE, reply);
      }
    }
  }

  /** Whether the store of a subject can be scanned. */
  static boolean isOrdered(Subject subject) {
    return !subject.name().startsWith("mem");
  }

  List<Subject> subjects() {
    return subjects;
  }

  List<Store> stores() {
    return stores;
  }

  Table table() throws IOException {
    Table table = new Table("open and first read", COLUMNS);
    for (int i = 0; i < subjects.size(); i++) {
      double entries = subjects.get(i).entries().count();
      double fileBytes = Directories.diskBytes(lab.directory(subjects.get(i)));
      table.add(
          subjects.get(i).name(),
          List.of(
              cachedParts.get(i) * 100,
              openSeconds.get(i) * 1e3,
              firstSeconds.get(i) * 1e3,
              fileBytes / (openSeconds.get(i) + firstSeconds.get(i)) / 1e9,
              stores.get(i).memoryBytes() / entries,
              fileBytes / entries));
    }
    table.note("Cached: the part of the files that the page cache held when they were opened.");
    table.note("GB/s: bytes of the files over the time to open and read a first batch.");
    table.note("Own memory is what a store holds beside the page cache, caches filled; lmdb,");
    table.note("sparkey and chronicle hold nothing of their own: they need their files there.");
    return table;
  }

  /** Leaves the page cache to others than RocksDB, whose block cache holds everything. */
  void forgetCopies() throws IOException {
    for (int i = 0; i < subjects.size(); i++) {
      if (subjects.get(i).name().equals("rocksdb")) {
        PageCache.forget(Directories.files(lab.directory(subjects.get(i))));
      }
    }
  }

  @Override
  public void close() {
    stores.reversed().forEach(Store::close);
    stores.clear();
  }
}
