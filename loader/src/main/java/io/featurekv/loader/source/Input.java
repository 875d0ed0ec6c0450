package io.featurekv.loader.source;

import java.io.IOException;
import java.util.List;

/**
 * Something that rows can be read from: a file, an address, standard input, a generated set. It is
 * read part by part; every row is in exactly one. Its methods may be called from several threads.
 */
public interface Input {
  /** What messages call it: as it was written. */
  String name();

  /** About how many bytes reading all parts takes, -1 where that is not known. */
  long lengthBytes();

  /** Text that changes when the content does: path, length and time of change, for example. */
  String identity();

  /** Whether another machine that sees the same mounts and addresses can read it, and again. */
  boolean isShared();

  /**
   * Divides it, in the order of its rows.
   *
   * @param input the index that the parts are to bear
   * @param targetBytes about how much reading one part shall take; an input that cannot be divided
   *     is one part
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT when it is not of its format
   */
  List<Part> parts(int input, long targetBytes) throws IOException;

  /**
   * Opens a part before its first row.
   *
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT when it is not of its format, is
   *     another one than it was when it was found, or lacks a column that has a type
   */
  RowSource open(Part part) throws IOException;
}
