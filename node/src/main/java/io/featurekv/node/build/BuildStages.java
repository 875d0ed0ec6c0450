package io.featurekv.node.build;

import io.featurekv.loader.BuildProgress;
import io.featurekv.loader.SharedBuild;
import io.featurekv.loader.SharedBuild.Reading;
import io.featurekv.loader.SharedBuild.RunPart;
import io.featurekv.loader.ShardOutcome;
import io.featurekv.loader.ShardTallies;
import java.util.List;

/** The work itself; the contracts are those of {@link SharedBuild}. Called from several threads. */
public interface BuildStages {
  /** {@link SharedBuild#read}. */
  Reading read(SharedBuild build, int split, long from, BuildProgress progress);

  /** {@link SharedBuild#build}. */
  ShardOutcome build(
      SharedBuild build,
      int shard,
      List<RunPart> runs,
      ShardTallies parsed,
      ShardTallies dropped,
      long nowMillis,
      BuildProgress progress);

  /** As they are meant to be; a test's do something else in between. */
  BuildStages REAL =
      new BuildStages() {
        @Override
        public Reading read(SharedBuild build, int split, long from, BuildProgress progress) {
          return build.read(split, from, progress);
        }

        @Override
        public ShardOutcome build(
            SharedBuild build,
            int shard,
            List<RunPart> runs,
            ShardTallies parsed,
            ShardTallies dropped,
            long nowMillis,
            BuildProgress progress) {
          return build.build(shard, runs, parsed, dropped, nowMillis, progress);
        }
      };
}
