package io.featurekv.node.reconcile;

import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.wire.FileKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a file that is wanted comes to be on this node, proved: a pure function of what is on the
 * disk.
 *
 * @param isReplaced whether what is on the disk goes, once another node has shown that it has the
 *     right one: by metadata that is older than this file, the file of a later attempt is wrong
 * @param sources other nodes that hold it
 */
public record Bringing(How how, boolean isReplaced, List<String> sources) {
  /** What has to be done before it can be opened. */
  public enum How {
    /** It comes from another node, proved piece by piece. */
    FETCH,
    /** It is here and has to be read against its digest. */
    PROVE,
    /** It is here and was proved in this process. */
    OPEN
  }

  public Bringing {
    sources = List.copyOf(sources);
  }

  /**
   * Decides.
   *
   * @param present what the file on the disk says it is, where there is one
   * @throws FeatureKvException CORRUPT where another file is here and nobody has the right one,
   *     UNAVAILABLE where none is anywhere
   */
  public static Bringing of(Reconciliation.Job job, String nodeId, Optional<Digest> present) {
    WantedChain.WantedFile file = job.file();
    FileKey key = file.key();
    List<String> sources = new ArrayList<>(file.holders());
    sources.remove(nodeId);
    Digest expected = file.manifest().digest();
    boolean isOther = present.isPresent() && !present.get().equals(expected);
    if (isOther && sources.isEmpty()) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT,
          key
              + " on this disk is not what the metadata says: digest expected "
              + expected
              + ", actual "
              + present.get()
              + "; no other node holds it");
    }
    boolean isReplaced = isOther || (present.isPresent() && job.isDamaged() && !sources.isEmpty());
    if (present.isPresent() && !isReplaced) {
      return new Bringing(job.isProved() ? How.OPEN : How.PROVE, false, sources);
    }
    if (sources.isEmpty()) {
      throw new FeatureKvException(ErrorCode.UNAVAILABLE, "no node holds " + key);
    }
    return new Bringing(How.FETCH, isReplaced, sources);
  }
}
