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
   * @param done what the clients did while the scenario ran
   */
  record Least(long strikes, Done done) {
    private static final long KEYS_OF_A_BATCH = 10;

    /** With so many batches and changes, and some of each kind of change. */
    Least(long strikes, long reads, long changes) {
      this(strikes, new Done(reads, KEYS_OF_A_BATCH * reads, changes, 1, 1, 1));
    }
  }

  /**
   * What clients did, set-up left out.
   *
   * @param reads batches answered with a key at least that could be proved
   * @param provedKeys in all of them
   * @param changes acknowledged, loads included
   * @param loads acknowledged, of full versions and increments
   */
  record Done(
      long reads, long provedKeys, long changes, long loads, long activations, long rollbacks) {
    /** Whether it is as much as another in every respect. */
    boolean reaches(Done least) {
      return reads >= least.reads
          && provedKeys >= least.provedKeys
          && changes >= least.changes
          && loads >= least.loads
          && activations >= least.activations
          && rollbacks >= least.rollbacks;
    }
  }
}
