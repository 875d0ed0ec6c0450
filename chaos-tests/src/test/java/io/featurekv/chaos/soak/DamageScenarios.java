package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster.ServerNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Files that are damaged at rest (fault 3), one server at a time. */
final class DamageScenarios {
  private static final Layout LOOPBACK = new Layout.Loopback();

  private DamageScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new ClosedFile(
            "damage-shard",
            "A shard file or its list of pieces is flipped or cut while its server is down.",
            file -> file.toString().matches(".*\\.(mdb|pieces)"),
            false),
        new ClosedFile(
            "damage-raft-meta",
            "The file with term and vote is flipped or cut while its server is down.",
            file -> file.getFileName().toString().equals("raft-meta"),
            true),
        new ClosedFile(
            "damage-raft-log",
            "A segment of the Raft log is flipped or cut while its server is down.",
            file -> file.getFileName().toString().startsWith("log_"),
            true),
        new ClosedFile(
            "damage-snapshot",
            "A snapshot of the metadata is flipped or cut while its server is down.",
            file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+"),
            true),
        new ClosedFile(
            "damage-metadata",
            "metadata.snapshot is flipped or cut while its server is down.",
            file -> file.getFileName().toString().equals("metadata.snapshot"),
            false),
        new ServedFile());
  }

  /**
   * A server is killed, one of its files damaged, and started again.
   *
   * @param chosen which files
   * @param isRaft whether the server may then rejoin with a Raft directory that is empty
   */
  record ClosedFile(String name, String about, Predicate<Path> chosen, boolean isRaft)
      implements Scenario {
    @Override
    public Set<Integer> faults() {
      return Set.of(3);
    }

    @Override
    public Layout layout() {
      return LOOPBACK;
    }

    @Override
    public Least least() {
      return new Least(1, 100, 1);
    }

    @Override
    public void strike(Harm harm) throws IOException {
      int victim = harm.anyNode();
      ServerNode node = harm.cluster().servers().get(victim);
      harm.cluster().kill(victim);
      List<Path> files = files(node, chosen);
      if (files.isEmpty()) {
        harm.journal().note(node.id() + " has no file for " + name);
        return;
      }
      Path file = files.get(harm.random().nextInt(files.size()));
      String how = damage(file, harm.random());
      if (isRaft) {
        harm.workload().nodeWatch().forget(node);
      }
      harm.fired(name, file + " " + how);
    }
  }

  /** A byte of a file that is being served is flipped; the scrub has to find it. */
  record ServedFile() implements Scenario {
    @Override
    public String name() {
      return "damage-served";
    }

    @Override
    public String about() {
      return "A byte of a shard file that is being served is flipped on the disk.";
    }

    @Override
    public Set<Integer> faults() {
      return Set.of(3);
    }

    @Override
    public Layout layout() {
      return LOOPBACK;
    }

    @Override
    public Least least() {
      return new Least(1, 100, 1);
    }

    /** Of kind blk, whose blocks are checked when they are decoded, and mem, which is read once. */
    @Override
    public void strike(Harm harm) throws IOException, InterruptedException {
      ServerNode node = harm.cluster().servers().get(harm.anyNode());
      List<Path> files =
          files(
              node,
              file ->
                  file.toString().endsWith(".mdb")
                      && (file.toString().contains("/" + Profile.BLK + "/")
                          || file.toString().contains("/" + Profile.MEM + "/")));
      if (files.isEmpty()) {
        return;
      }
      Path file = files.get(harm.random().nextInt(files.size()));
      try {
        flip(file, harm.random());
        harm.fired("damage-served", file.toString());
      } catch (java.nio.file.NoSuchFileException | java.io.FileNotFoundException e) {
        harm.journal().note(file + " was just deleted");
      }
    }
  }

  private static List<Path> files(ServerNode node, Predicate<Path> chosen) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path root : Set.of(node.data(), node.raft())) {
      if (Files.exists(root)) {
        try (Stream<Path> all = Files.walk(root)) {
          all.filter(Files::isRegularFile)
              .filter(file -> !file.toString().contains(".damaged-"))
              .filter(chosen)
              .forEach(found::add);
        }
      }
    }
    return found.stream().distinct().sorted().toList();
  }

  private static String damage(Path file, Random random) throws IOException {
    if (random.nextBoolean() && Files.size(file) > 0) {
      return "flipped at " + flip(file, random);
    }
    try (RandomAccessFile bytes = open(file)) {
      long length = random.nextInt((int) Math.max(1, bytes.length()));
      bytes.setLength(length);
      return "cut to " + length;
    }
  }

  private static long flip(Path file, Random random) throws IOException {
    try (RandomAccessFile bytes = open(file)) {
      long at = random.nextInt((int) bytes.length());
      bytes.seek(at);
      int before = bytes.read();
      bytes.seek(at);
      bytes.write(before ^ (1 << random.nextInt(8)));
      return at;
    }
  }

  private static RandomAccessFile open(Path file) throws IOException {
    if (!file.toFile().setWritable(true)) {
      throw new java.io.FileNotFoundException(file.toString());
    }
    return new RandomAccessFile(file.toFile(), "rw");
  }
}
