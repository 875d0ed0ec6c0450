package io.featurekv.chaos.linkv;

import io.featurekv.chaos.FileTrees;
import io.featurekv.chaos.linkv.LinearizabilityChecker.Limits;
import io.featurekv.chaos.linkv.LinearizabilityChecker.Verdict;
import io.featurekv.chaos.linkv.Operation.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One run: nodes as processes, clients and faults for a while, then healing, a read of every
 * register by every node, and the verdict. Everything about it is in one directory, which is
 * deleted when it passed.
 */
final class LinKvRun {
  private static final int CLIENTS_PER_NODE = 2;
  private static final int SNAPSHOT_EVERY = 200;
  private static final int INIT_TIMEOUT_MILLIS = 30_000;
  private static final Duration CONVERGENCE = Duration.ofSeconds(30);
  private static final Duration FINAL_READS = Duration.ofSeconds(60);
  private static final Limits LIMITS = new Limits(1_500_000, Duration.ofSeconds(60));

  private static final int SECONDS_PER_FAULT = 5;
  private static final long LOOK_MILLIS = 100;

  private final LinKvSettings settings;
  private final Path directory;
  private final Network network;
  private final History history = new History();
  private final Map<String, TestedNode> nodes = new TreeMap<>();
  private final LinKvClient nurse;
  private final Map<Fault.Track, Nemesis> nemeses = new EnumMap<>(Fault.Track.class);
  private final List<String> problems = Collections.synchronizedList(new ArrayList<>());
  private volatile boolean stopping;

  private LinKvRun(LinKvSettings settings, Path directory) {
    this.settings = settings;
    this.directory = directory;
    this.network = new Network(settings.seed(), settings.latency(), settings.latencyMillis());
    this.nurse = new LinKvClient("c0", network, history, INIT_TIMEOUT_MILLIS);
    for (String id : settings.nodeIds()) {
      TestedNode node =
          new ProcessNode(
              List.of(
                  "maelstrom",
                  "--data-dir",
                  directory.resolve("data").toString(),
                  "--election-timeout",
                  settings.electionMillis() + "ms",
                  "--timeout",
                  settings.timeoutMillis() * 95 / 100 + "ms",
                  "--snapshot-every",
                  Integer.toString(SNAPSHOT_EVERY)),
              directory.resolve(id + ".log"),
              line -> network.send(id, line));
      nodes.put(id, node);
      network.attach(id, node::deliver);
    }
    for (Fault.Track track : Fault.Track.values()) {
      nemeses.put(track, new Nemesis(network, nodes, this::restart));
    }
  }

  /** Runs in a new directory below {@code parent}. */
  static LinKvReport run(LinKvSettings settings, Path parent)
      throws IOException, InterruptedException {
    Files.createDirectories(parent);
    Path directory =
        Files.createTempDirectory(parent, "lin-kv-" + settings.seed() + "-").toAbsolutePath();
    LinKvRun run = new LinKvRun(settings, directory);
    // Ends the nodes when this is interrupted; ending them twice does no harm.
    Thread cleaning = new Thread(run::end, "cleaning");
    Runtime.getRuntime().addShutdownHook(cleaning);
    try {
      return run.run();
    } finally {
      run.end();
      Runtime.getRuntime().removeShutdownHook(cleaning);
    }
  }

  private void end() {
    stopping = true;
    nodes.values().forEach(TestedNode::close);
    network.close();
  }

  private LinKvReport run() throws IOException, InterruptedException {
    Schedule schedule =
        Schedule.random(
            settings.seed(), settings.nodeIds(), settings.faults(), settings.seconds() * 1000L);
    nodes.values().forEach(TestedNode::start);
    for (String node : nodes.keySet()) {
      initialise(node);
    }
    Acknowledged acknowledged;
    long finalReads;
    try (ExecutorService clients = Executors.newCachedThreadPool()) {
      List<Future<Void>> working = startClients(clients);
      try {
        long beganMillis = history.now() / 1_000_000;
        long endMillis = beganMillis + settings.seconds() * 1000L;
        List<Future<Void>> disturbing = new ArrayList<>();
        nemeses.forEach(
            (track, nemesis) ->
                disturbing.add(
                    clients.submit(
                        () -> {
                          nemesis.run(schedule.of(track, beganMillis), history, endMillis);
                          return null;
                        })));
        join(disturbing, "faults");
        Thread.sleep(Math.max(0, endMillis - history.now() / 1_000_000));
        if (Acknowledged.in(history.operations()).isHardlyAny(settings)) {
          problems.add(
              "void: done under faults were only " + Acknowledged.in(history.operations()));
        }
        for (Nemesis nemesis : nemeses.values()) {
          nemesis.heal();
        }
        awaitEnoughDone();
      } finally {
        stopping = true;
      }
      join(working, "a client");
      acknowledged = Acknowledged.in(history.operations());
      for (Map.Entry<String, TestedNode> node : nodes.entrySet()) {
        if (node.getValue().hasFailed()) {
          problems.add(node.getKey() + " ended by itself");
        }
      }
      finalReads = readEverythingEverywhere(clients);
    }
    return judge(schedule, acknowledged, finalReads);
  }

  /** A busy machine does less in the same time; what comes late is done all the same. */
  private void awaitEnoughDone() throws InterruptedException {
    long began = history.now();
    while (Acknowledged.in(history.operations()).tooLittle(settings).isPresent()
        && history.now() - began < CONVERGENCE.toNanos()) {
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private void initialise(String node) throws InterruptedException {
    if (!nurse.init(node, settings.nodeIds())) {
      problems.add(node + " did not answer init within " + INIT_TIMEOUT_MILLIS + " ms");
    }
  }

  private void restart(String node) throws InterruptedException {
    nodes.get(node).start();
    initialise(node);
  }

  private List<Future<Void>> startClients(ExecutorService executor) {
    LinKvWorkload workload = new LinKvWorkload(history);
    List<String> ids = settings.nodeIds();
    List<Future<Void>> working = new ArrayList<>();
    int clients = CLIENTS_PER_NODE * ids.size();
    double meanPauseMillis = 1000.0 * clients / settings.rate();
    for (int i = 0; i < clients; i++) {
      String node = ids.get(i % ids.size());
      Random random = new Random(settings.seed() * 1_000 + i);
      LinKvClient client =
          new LinKvClient("c" + (i + 1), network, history, settings.timeoutMillis());
      working.add(
          executor.submit(
              () -> {
                while (!stopping) {
                  LinKvWorkload.Next next = workload.next(random);
                  client
                      .invoke(node, next.key(), next.call())
                      .ifPresent(effect -> workload.saw(next, effect));
                  Thread.sleep((long) (-meanPauseMillis * Math.log1p(-random.nextDouble())));
                }
                return null;
              }));
    }
    return working;
  }

  private void join(List<Future<Void>> working, String whose) throws InterruptedException {
    for (Future<Void> work : working) {
      try {
        work.get();
      } catch (ExecutionException e) {
        problems.add(whose + " failed: " + e.getCause());
      }
    }
  }

  /** How many reads there were; each node that cannot be read in time is a problem. */
  private long readEverythingEverywhere(ExecutorService executor) throws InterruptedException {
    Set<Long> keys = history.keys();
    List<Future<String>> reading = new ArrayList<>();
    int client = 1 + CLIENTS_PER_NODE * nodes.size();
    for (String node : nodes.keySet()) {
      LinKvClient reader =
          new LinKvClient("c" + client++, network, history, settings.timeoutMillis());
      reading.add(executor.submit((Callable<String>) () -> readEverything(reader, node, keys)));
    }
    for (Future<String> future : reading) {
      try {
        String problem = future.get();
        if (!problem.isEmpty()) {
          problems.add(problem);
        }
      } catch (ExecutionException e) {
        problems.add("a client failed: " + e.getCause());
      }
    }
    return (long) keys.size() * nodes.size();
  }

  private String readEverything(LinKvClient reader, String node, Set<Long> keys)
      throws InterruptedException {
    long began = history.now();
    Duration limit = CONVERGENCE;
    for (long key : keys) {
      while (reader.invoke(node, key, new Call.Read()).isEmpty()) {
        if (history.now() - began > limit.toNanos()) {
          return node + " could not be read within " + limit + " of healing";
        }
      }
      // The first answer shows that the node has come back; the others only take their time.
      limit = FINAL_READS;
    }
    return "";
  }

  private LinKvReport judge(Schedule schedule, Acknowledged acknowledged, long finalReads)
      throws IOException {
    List<Operation> operations = history.operations();
    long configurations = 0;
    List<String> found = new ArrayList<>();
    switch (LinearizabilityChecker.check(operations, LIMITS)) {
      case Verdict.Linearizable(long _, long seen) -> configurations = seen;
      case Verdict.Violation violation -> {
        problems.add("register " + violation.key() + " is not linearizable");
        found.add("none of these can be next:");
        violation.stuck().forEach(operation -> found.add("  " + operation));
      }
      case Verdict.GaveUp(long key, String reason) ->
          problems.add("register " + key + " could not be judged: " + reason);
    }
    network.violations().forEach(violation -> problems.add("protocol: " + violation));
    acknowledged.tooLittle(settings).ifPresent(what -> problems.add("void: " + what));
    Map<Fault, Integer> fired = new EnumMap<>(Fault.class);
    nemeses.values().forEach(nemesis -> fired.putAll(nemesis.fired()));
    checkFaults(fired);
    LinKvReport report =
        new LinKvReport(
            settings,
            List.copyOf(problems),
            operations.size() - history.open(),
            acknowledged,
            history.failed(),
            history.open(),
            history.keys().size(),
            finalReads,
            configurations,
            fired,
            network.counts(),
            history.now() / 1e9,
            directory);
    if (report.passed()) {
      end();
      FileTrees.delete(directory);
    } else {
      write(report, schedule, found);
    }
    return report;
  }

  private void checkFaults(Map<Fault, Integer> fired) {
    Set<Fault.Track> missing = new TreeSet<>();
    settings.faults().forEach(fault -> missing.add(fault.track()));
    fired.keySet().forEach(fault -> missing.remove(fault.track()));
    int count = fired.values().stream().mapToInt(Integer::intValue).sum();
    int least =
        settings.faults().isEmpty() ? 0 : Math.max(1, settings.seconds() / SECONDS_PER_FAULT);
    if (!missing.isEmpty() || count < least) {
      problems.add(
          "void: " + count + " faults fired, not " + least + "; none of " + missing + ": " + fired);
    }
  }

  private void write(LinKvReport report, Schedule schedule, List<String> found) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(settings.command());
    lines.add("");
    lines.addAll(report.problems());
    lines.addAll(found);
    lines.add("");
    lines.add(report.toString());
    Files.write(directory.resolve("report.txt"), lines);
    List<String> steps = new ArrayList<>();
    schedule.steps().forEach(step -> steps.add(step.toString()));
    steps.add("");
    steps.add("What was done:");
    nemeses.values().stream()
        .flatMap(nemesis -> nemesis.log().stream())
        .sorted()
        .forEach(steps::add);
    Files.write(directory.resolve("schedule.txt"), steps);
    Files.write(directory.resolve("history.txt"), history.lines());
  }
}
