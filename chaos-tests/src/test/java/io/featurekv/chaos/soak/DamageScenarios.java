package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.chaos.instruments.Damage;
import io.featurekv.chaos.instruments.Damage.Kind;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Files that are damaged at rest (fault 3), one server at a time. */
final class DamageScenarios {
  private static final Layout LOOPBACK = new Layout.Loopback();

  private DamageScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new ClosedFile(
            "damage-shard",
            "A shard file or its list of pieces is flipped or cut while its server is down.",
            List.of(Kind.SHARD_FILE, Kind.PIECES)),
        new ClosedFile(
            "damage-raft-meta",
            "The file with term and vote is flipped or cut while its server is down.",
            List.of(Kind.RAFT_META)),
        new ClosedFile(
            "damage-raft-log",
            "A segment of the Raft log is flipped or cut while its server is down.",
            List.of(Kind.RAFT_LOG)),
        new ClosedFile(
            "damage-snapshot",
            "A snapshot of the metadata is flipped or cut while its server is down.",
            List.of(Kind.RAFT_SNAPSHOT)),
        new ClosedFile(
            "damage-metadata",
            "metadata.snapshot is flipped or cut while its server is down.",
            List.of(Kind.METADATA_SNAPSHOT)),
        new ServedFile());
  }

  /**
   * A server is killed, one of its files damaged, and started again.
   *
   * @param kinds of files, one of which is drawn of those that there are
   */
  record ClosedFile(String name, String about, List<Kind> kinds) implements Scenario {
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
    public void strike(Harm harm) {
      int victim = harm.anyNode();
      ServerNode node = harm.cluster().servers().get(victim);
      harm.cluster().kill(victim);
      Random random = harm.random();
      List<Kind> inOrder = new ArrayList<>(kinds);
      Collections.shuffle(inOrder, random);
      Damage.Harm how = random.nextBoolean() ? Damage.Harm.FLIP_BIT : Damage.Harm.TRUNCATE;
      Damage damage = new Damage(random.nextLong());
      if (kinds.contains(Kind.RAFT_META)) {
        harm.workload().nodeWatch().harming(node);
      }
      Optional<Damage.Done> done =
          inOrder.stream()
              .flatMap(kind -> damage.harmOne(node.data(), kind, how).stream())
              .findFirst();
      if (done.isEmpty()) {
        harm.journal().note(node.id() + " has no file of " + kinds);
        return;
      }
      harm.fired(name, done.get().toString());
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
    public void strike(Harm harm) {
      Path data = harm.cluster().servers().get(harm.anyNode()).data();
      try {
        List<Path> files =
            Damage.files(data, Kind.SHARD_FILE).stream().filter(ServedFile::isChosen).toList();
        if (files.isEmpty()) {
          harm.journal().note("no file is served in " + data);
          return;
        }
        Path file = files.get(harm.random().nextInt(files.size()));
        long at = new Damage(harm.random().nextLong()).harm(file, Damage.Harm.FLIP_BIT);
        harm.fired("damage-served", file + " at " + at);
      } catch (UncheckedIOException e) {
        if (!(e.getCause() instanceof NoSuchFileException)) {
          throw e;
        }
        harm.journal().note("just deleted: " + e.getMessage());
      }
    }

    private static boolean isChosen(Path file) {
      return file.toString().contains("/" + Profile.BLK + "/")
          || file.toString().contains("/" + Profile.MEM + "/");
    }
  }
}
