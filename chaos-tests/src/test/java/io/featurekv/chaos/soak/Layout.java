package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster;
import java.io.IOException;
import java.util.Optional;

/**
 * Where servers run: on loopback, behind proxies, in network namespaces, on small disks. Two
 * layouts are equal when scenarios of both may share one cluster; compare by {@link #name}.
 */
public interface Layout {
  /** One word. */
  String name();

  /** Why this machine cannot have it, for a person; empty where it can. */
  Optional<String> missing();

  /**
   * Prepares the place for servers that were added to a cluster but not started yet: sets their
   * hosts, directories, wrappers.
   *
   * @return what is to be taken down when all servers have ended
   */
  Ground arrange(ProcessCluster cluster) throws IOException;

  /** What was put up for one cluster; scenarios of the layout cast it to their own kind. */
  interface Ground extends AutoCloseable {
    /**
     * Takes away all harm that is in force, however a strike ended; idempotent. Servers may have to
     * be started again afterwards.
     */
    void heal() throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Plain processes on loopback. */
  record Loopback() implements Layout {
    @Override
    public String name() {
      return "loopback";
    }

    @Override
    public Optional<String> missing() {
      return Optional.empty();
    }

    @Override
    public Ground arrange(ProcessCluster cluster) {
      return new Ground() {
        @Override
        public void heal() {
          // Nothing but the processes can be harmed.
        }

        @Override
        public void close() {
          // The processes are all there is.
        }
      };
    }
  }
}
