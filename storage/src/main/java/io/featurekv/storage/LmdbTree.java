package io.featurekv.storage;

import java.lang.foreign.MemorySegment;

/**
 * One B+tree of an {@link LmdbImage}. Nodes are named by their offset in the file. Immutable; any
 * thread.
 */
final class LmdbTree {
  /** No such node. */
  static final long NONE = -1;

  /** LMDB's own bound. */
  static final int MAX_DEPTH = 32;

  private final LmdbImage image;
  private final int depth;
  private final long pages;
  private final long entries;
  private final long root;

  LmdbTree(LmdbImage image, int depth, long pages, long entries, long root) {
    this.image = image;
    this.depth = depth;
    this.pages = pages;
    this.entries = entries;
    this.root = root;
  }

  LmdbImage image() {
    return image;
  }

  int depth() {
    return depth;
  }

  long root() {
    return root;
  }

  /** Pages of all sorts. */
  long pages() {
    return pages;
  }

  long entries() {
    return entries;
  }

  /** The leaf node of exactly this key, or {@link #NONE}. */
  long find(MemorySegment key, long offset, int length) {
    long node = floor(key, offset, length);
    return node != NONE && image.compare(node, key, offset, length) == 0 ? node : NONE;
  }

  /** The leaf node of the greatest key that is not greater than this key, or {@link #NONE}. */
  long floor(MemorySegment key, long offset, int length) {
    if (depth == 0) {
      return NONE;
    }
    long number = root;
    for (int level = 1; level < depth; level++) {
      long page = image.page(number, LmdbImage.FLAG_BRANCH);
      int index = floorIndex(page, 1, key, offset, length);
      number = image.childPage(image.node(page, index));
    }
    long page = image.page(number, LmdbImage.FLAG_LEAF);
    int index = floorIndex(page, 0, key, offset, length);
    return index < 0 ? NONE : image.node(page, index);
  }

  /**
   * Index of the last node of a page whose key is not greater; {@code first - 1} if there is none.
   * The key of a branch's first node stands for "less than everything": search from 1.
   */
  int floorIndex(long page, int first, MemorySegment key, long offset, int length) {
    int low = first;
    int high = image.nodeCount(page) - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = image.compare(image.node(page, middle), key, offset, length);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return low - 1;
  }

  /**
   * Checks every page on the way to a key so thoroughly that LMDB itself can be let loose on them:
   * all nodes lie inside, keys ascend, the data of the leaf's nodes lie inside.
   */
  void checkPath(MemorySegment key, long offset, int length) {
    long number = root;
    for (int level = 1; level <= depth; level++) {
      boolean isLeaf = level == depth;
      long page = image.page(number, isLeaf ? LmdbImage.FLAG_LEAF : LmdbImage.FLAG_BRANCH);
      int count = image.nodeCount(page);
      for (int i = 0; i < count; i++) {
        long node = image.node(page, i);
        checkOrder(page, i, node, isLeaf);
        if (isLeaf) {
          image.dataOffset(node);
        }
      }
      if (!isLeaf) {
        number = image.childPage(image.node(page, floorIndex(page, 1, key, offset, length)));
      }
    }
  }

  private void checkOrder(long page, int index, long node, boolean isLeaf) {
    int first = isLeaf ? 0 : 1;
    if (index > first) {
      long previous = image.node(page, index - 1);
      int order =
          image.compare(previous, image.map(), image.keyOffset(node), image.keyLength(node));
      if (order >= 0) {
        throw image.corrupt("page " + page / image.pageSize() + ": keys do not ascend");
      }
    }
  }
}
