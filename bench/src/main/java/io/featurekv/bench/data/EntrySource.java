package io.featurekv.bench.data;

import java.util.List;

/** Entries as an engine wants them: parted, and each part in the order that was asked for. */
public interface EntrySource {
  /** Entries of a part. */
  int count(int part);

  /** Hands over the entries of a part. */
  void feed(int part, EntrySink sink);

  /** See {@link EntrySet#neighbourSamples}. */
  List<byte[]> neighbourSamples(int neighbours, int totalBytes);
}
