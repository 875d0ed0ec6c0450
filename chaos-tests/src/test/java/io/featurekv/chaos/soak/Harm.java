package io.featurekv.chaos.soak;

import java.time.Duration;
import java.util.Random;

/**
 * What a strike works with.
 *
 * @param cluster the servers; their workload is running
 * @param random the only source of choices, so that a seed repeats them
 * @param journal takes what really happened
 * @param workload what the clients do meanwhile
 * @param checks takes what a strike itself finds to be wrong
 */
public record Harm(
    ChaosCluster cluster, Random random, Journal journal, Workload workload, Checks checks) {
  /** A fault happened: counted under its kind, and a line in the schedule of the run. */
  public void fired(String kind, String what) {
    journal.fired(kind, what);
  }

  /** The index of a server, each as likely. */
  public int anyNode() {
    return random.nextInt(cluster.servers().size());
  }

  /** Lets the workload go on for a while with the harm in force. */
  public void endure(Duration time) throws InterruptedException {
    // Not a wait for something: the time is what the harm lasts.
    Thread.sleep(time);
  }
}
