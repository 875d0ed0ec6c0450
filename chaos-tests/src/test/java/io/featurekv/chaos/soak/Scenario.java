package io.featurekv.chaos.soak;

import java.io.IOException;
import java.util.Set;

/**
 * One way to harm a cluster. It strikes again and again while the workload runs; between strikes
 * the cluster is given time to recover and is checked.
 */
public interface Scenario {
  /** What it is called by {@code --scenario}: lower-case words with hyphens. */
  String name();

  /** One sentence for {@code --list}. */
  String about();

  /** The numbers of the faults, as docs/reliability.md counts them. */
  Set<Integer> faults();

  /** Where the servers have to run for it; scenarios of equal layouts share a cluster. */
  Layout layout();

  /** What must have happened, or a run of it alone is void. */
  Least least();

  /**
   * Harms the cluster once and takes the harm away again; a server that it killed may be left down,
   * and is started by the caller. Tells {@code harm} what really happened.
   *
   * @throws IOException where the instrument failed; the run is then broken, not failed
   */
  void strike(Harm harm) throws IOException, InterruptedException;

  /**
   * The least that a run must have done to say something.
   *
   * @param strikes faults that really fired
   * @param reads batches answered while the scenario ran
   * @param changes publishes, activations, rollbacks and drops acknowledged
   */
  record Least(long strikes, long reads, long changes) {}
}
