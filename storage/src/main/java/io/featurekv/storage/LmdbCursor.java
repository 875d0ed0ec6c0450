package io.featurekv.storage;

import java.lang.foreign.MemorySegment;

/**
 * Walks the leaf nodes of an {@link LmdbTree} in key order. Not thread-safe; holds nothing that
 * needs closing.
 */
final class LmdbCursor {
  private final LmdbTree tree;
  private final LmdbImage image;
  private final long[] pages;
  private final int[] counts;
  private final int[] indexes;
  private boolean isValid;

  LmdbCursor(LmdbTree tree) {
    this.tree = tree;
    this.image = tree.image();
    this.pages = new long[tree.depth()];
    this.counts = new int[tree.depth()];
    this.indexes = new int[tree.depth()];
  }

  /** Goes to the first node; false if there is none. */
  boolean first() {
    isValid = tree.depth() > 0;
    if (isValid) {
      enter(0, tree.root());
      descendLeftmost(0);
    }
    return isValid;
  }

  /**
   * Goes to a node about that part of the way through the tree: 0 is the first, 1 the last; false
   * if the tree is empty.
   */
  boolean fraction(double part) {
    isValid = tree.depth() > 0;
    if (!isValid) {
      return false;
    }
    double rest = part;
    long number = tree.root();
    for (int level = 0; level < tree.depth(); level++) {
      enter(level, number);
      double exact = rest * counts[level];
      indexes[level] = Math.min(counts[level] - 1, (int) exact);
      rest = exact - indexes[level];
      if (level < tree.depth() - 1) {
        number = image.childPage(image.node(pages[level], indexes[level]));
      }
    }
    return true;
  }

  /**
   * Goes to the last node whose key is not greater, or to the first node if there is none such;
   * false if the tree is empty.
   */
  boolean floorOrFirst(MemorySegment key, long offset, int length) {
    isValid = tree.depth() > 0;
    if (!isValid) {
      return false;
    }
    enter(0, tree.root());
    int leaf = tree.depth() - 1;
    for (int level = 0; level < leaf; level++) {
      indexes[level] = tree.floorIndex(pages[level], 1, key, offset, length);
      enter(level + 1, image.childPage(image.node(pages[level], indexes[level])));
    }
    indexes[leaf] = Math.max(0, tree.floorIndex(pages[leaf], 0, key, offset, length));
    return true;
  }

  /** Goes on to the next node; false at the end. */
  boolean next() {
    int level = tree.depth() - 1;
    while (level >= 0 && indexes[level] + 1 >= counts[level]) {
      level--;
    }
    isValid = isValid && level >= 0;
    if (isValid) {
      indexes[level]++;
      descendLeftmost(level);
    }
    return isValid;
  }

  /** The leaf node it stands at. */
  long node() {
    int leaf = tree.depth() - 1;
    return image.node(pages[leaf], indexes[leaf]);
  }

  private void descendLeftmost(int from) {
    for (int level = from + 1; level < tree.depth(); level++) {
      enter(level, image.childPage(image.node(pages[level - 1], indexes[level - 1])));
    }
  }

  private void enter(int level, long number) {
    boolean isLeaf = level == tree.depth() - 1;
    pages[level] = image.page(number, isLeaf ? LmdbImage.FLAG_LEAF : LmdbImage.FLAG_BRANCH);
    counts[level] = image.nodeCount(pages[level]);
    indexes[level] = 0;
  }
}
