package io.featurekv.bench.ingest;

/** Who builds. */
public sealed interface Subject {
  /** For tables. */
  String name();

  /** Most bytes on the disk at one time, besides the input. */
  long diskBytes(DataSet data);

  /**
   * FeatureKV, from files to a served version.
   *
   * @param sects with one node each
   * @param onCluster whether the nodes build; else a process of its own, which ships
   */
  record Own(String kind, int sects, boolean onCluster) implements Subject {
    @Override
    public String name() {
      return "featurekv-"
          + kind
          + (onCluster ? "" : ", shipped")
          + (sects == 1 ? "" : ", " + sects + " sects");
    }

    /**
     * Shard files where they are built, and a copy in each sect, which come when sorted runs are
     * gone; where nodes build, sorted runs and the copies.
     */
    @Override
    public long diskBytes(DataSet data) {
      return data.copyBytes(kind) * (1 + sects);
    }
  }

  /**
   * FeatureKV, where one node serves and others build, each held to a share of one core.
   *
   * @param builders how many, 1 to 3
   */
  record Held(String kind, int builders, double share) implements Subject {
    @Override
    public String name() {
      return "featurekv-" + kind + ", " + builders + (builders == 1 ? " builder" : " builders");
    }

    /**
     * Sorted runs, what several builders fetch of one another's, the files that they build, and a
     * copy; and what the load before has left for a while.
     */
    @Override
    public long diskBytes(DataSet data) {
      return data.copyBytes(kind) * (builders == 1 ? 5 : 6);
    }
  }

  /** Another store, within one process; see {@link PeerBuild}. */
  record Peer(String name) implements Subject {
    /** Everything as it was flushed, and as it was compacted or moved. */
    @Override
    public long diskBytes(DataSet data) {
      return data.peerBytes() * 2;
    }
  }
}
