package io.featurekv.chaos.soak;

import io.featurekv.metadata.Command;
import io.featurekv.model.Endpoint;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What clients do all the while: two read, one loads, one activates, rolls back and drops. Two
 * watches look at the metadata and at the servers.
 */
public final class Workload implements AutoCloseable {
  private static final Map<String, TableKind> KINDS =
      Map.of(
          Profile.MEM, TableKind.MEM,
          Profile.IDX, TableKind.IDX,
          Profile.BLK, TableKind.BLK,
          Profile.TRIAL, TableKind.MEM);

  private static final Map<String, Integer> SHARDS =
      Map.of(Profile.MEM, 3, Profile.IDX, 1, Profile.BLK, 2, Profile.TRIAL, 1);

  private final Profile profile;
  private final MetadataWatch metadataWatch;
  private final NodeWatch nodeWatch;
  private final Publisher publisher;
  private final Changer changer;
  private final History history;
  private final List<ProvingReader> readers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  private Workload(
      ChaosCluster cluster,
      Path directory,
      Profile profile,
      History history,
      Checks checks,
      long seed) {
    this.profile = profile;
    this.history = history;
    List<Endpoint> endpoints =
        cluster.processes().endpoints().stream().map(Endpoint::parse).toList();
    this.metadataWatch = new MetadataWatch(endpoints, checks);
    this.nodeWatch = new NodeWatch(cluster.servers(), checks);
    this.changer = new Changer(endpoints, profile, metadataWatch, history, checks, seed + 1);
    this.publisher = new Publisher(endpoints, profile, directory, history, checks, seed + 2);
  }

  /** Makes the tables, loads the first version of each, and lets the clients loose. */
  static Workload start(
      ChaosCluster cluster,
      Path directory,
      Profile profile,
      History history,
      Checks checks,
      long seed)
      throws IOException, InterruptedException {
    Files.createDirectories(directory);
    Workload workload = new Workload(cluster, directory, profile, history, checks, seed);
    try {
      for (ProvingEntries table : profile.tables()) {
        workload.changer.change(
            "create-table",
            table.table(),
            new Command.CreateTable(
                table.table(),
                KINDS.get(table.table()),
                Changer.options(SHARDS.get(table.table()))));
        if (!workload.publisher.publish(table, UpdateMode.FULL, false, true)) {
          throw new IllegalStateException("the first version of " + table + " was not loaded");
        }
      }
      workload.begin(cluster, history, checks, seed);
      return workload;
    } catch (RuntimeException | InterruptedException e) {
      workload.close();
      throw e;
    }
  }

  private void begin(ChaosCluster cluster, History history, Checks checks, long seed) {
    for (int i = 0; i < profile.readers(); i++) {
      readers.add(
          new ProvingReader(
              "reader-" + i,
              cluster.processes().endpoints(),
              profile,
              metadataWatch,
              this::refresh,
              history,
              checks,
              seed + 10 + i));
    }
    threads.add(Thread.ofPlatform().name("publisher").start(publisher));
    threads.add(Thread.ofPlatform().name("changer").start(changer));
  }

  private void refresh() {
    try {
      changer.read();
    } catch (FeatureKvException e) {
      // The reply is held against what is known.
    }
  }

  /** Batches answered so far with a key at least that could be proved. */
  long reads() {
    return readers.stream().mapToLong(ProvingReader::answered).sum();
  }

  /** Keys proved so far. */
  long proved() {
    return readers.stream().mapToLong(ProvingReader::proved).sum();
  }

  /** Changes acknowledged so far, loads left out. */
  long changes() {
    return changer.acknowledged().size();
  }

  /** Loads and changes so far that were not acknowledged for a reason like this. */
  long changesEndedWith(Pattern reason) {
    return history.changes().stream()
        .filter(change -> change.outcome() != History.Outcome.OK)
        .filter(change -> reason.matcher(change.detail()).find())
        .count();
  }

  Profile profile() {
    return profile;
  }

  MetadataWatch metadataWatch() {
    return metadataWatch;
  }

  NodeWatch nodeWatch() {
    return nodeWatch;
  }

  Changer changer() {
    return changer;
  }

  Publisher publisher() {
    return publisher;
  }

  /** Lets operations under way end and begins no others; reads end too. */
  void stop() {
    publisher.stop();
    changer.stop();
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    readers.forEach(ProvingReader::finish);
  }

  @Override
  public void close() {
    publisher.stop();
    changer.stop();
    threads.forEach(Thread::interrupt);
    readers.forEach(ProvingReader::close);
    nodeWatch.close();
    metadataWatch.close();
    changer.close();
  }
}
