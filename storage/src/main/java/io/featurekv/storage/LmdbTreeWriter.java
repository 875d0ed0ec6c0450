package io.featurekv.storage;

import static io.featurekv.storage.ShardFileFormat.PAGE_BYTES;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes one LMDB B+tree bottom-up from entries in key order, as {@link LmdbImage} describes it:
 * leaves fill up and go out, each leaves a separator to the level above. One thread.
 *
 * <p>Separators are as short as they can be: the start of a page's first key that is greater than
 * the last key before it. LMDB asks no more of the keys of branch pages.
 */
final class LmdbTreeWriter {
  /** LMDB's bound for a node that lies in its leaf: two must fit a page. */
  static final int MAX_NODE_BYTES = (PAGE_BYTES - LmdbImage.PAGE_HEADER_BYTES) / 2 - 2;

  private static final int NODE_HEADER_BYTES = 8;
  private static final byte[] NO_BYTES = new byte[0];

  private final PageFileWriter pages;
  private final LeafListener leaves;

  /** The leaf that fills up, from both ends; zero in between. */
  private final long leaf;

  private final List<Level> levels = new ArrayList<>();
  private byte[] leafSeparator = NO_BYTES;
  private int count;
  private int upper = PAGE_BYTES;
  private long entries;
  private long leafPages;
  private long branchPages;
  private long overflowPages;

  /** Hears of every leaf page: its number and the least key that belongs to it or after it. */
  @FunctionalInterface
  interface LeafListener {
    void leaf(long page, byte[] separator);
  }

  LmdbTreeWriter(PageFileWriter pages) {
    this(pages, (page, separator) -> {});
  }

  LmdbTreeWriter(PageFileWriter pages, LeafListener leaves) {
    this.pages = pages;
    this.leaves = leaves;
    this.leaf = pages.workPage();
  }

  /** Adds an entry of an {@code idx} file: its data are {@link EntryHead} and value. */
  void add(IncomingEntry entry) {
    byte flags = EntryHead.flags(entry);
    int headLength = EntryHead.lengthOf(flags);
    long dataLength = (long) headLength + entry.valueLength;
    if (NODE_HEADER_BYTES + entry.keyLength + dataLength <= MAX_NODE_BYTES) {
      long at = node(entry.key, entry.keyLength, dataLength, 0, (int) dataLength);
      EntryHead.put(at, flags, entry.expirySeconds);
      NativeMemory.copy(entry.value, at + headLength, entry.valueLength);
      return;
    }
    long page = pages.nextPage();
    pages.putOverflowHeader(dataLength);
    long head = pages.work();
    EntryHead.put(head, flags, entry.expirySeconds);
    pages.put(head, headLength);
    pages.put(entry.value, entry.valueLength);
    pages.padToPage();
    addOverflow(entry.key, entry.keyLength, dataLength, page);
  }

  /** Adds an entry of some database. */
  void add(long key, int keyLength, long data, int dataLength) {
    if (NODE_HEADER_BYTES + keyLength + dataLength <= MAX_NODE_BYTES) {
      long at = node(key, keyLength, dataLength, 0, dataLength);
      NativeMemory.copy(data, at, dataLength);
      return;
    }
    long page = pages.nextPage();
    pages.putOverflowHeader(dataLength);
    pages.put(data, dataLength);
    pages.padToPage();
    addOverflow(key, keyLength, dataLength, page);
  }

  /** Adds an entry whose data lie in overflow pages that are written already. */
  private void addOverflow(long key, int keyLength, long dataLength, long firstPage) {
    overflowPages += PageFileWriter.overflowPages(dataLength);
    long at = node(key, keyLength, dataLength, LmdbImage.NODE_BIG, Long.BYTES);
    NativeMemory.putLong(at, firstPage);
  }

  /** Adds the data of a number (its key is that as u32 big-endian), which are written already. */
  void addChunk(int number, long dataLength, long firstPage) {
    long key = pages.work();
    NativeMemory.putInt(key, Integer.reverseBytes(number));
    addOverflow(key, Integer.BYTES, dataLength, firstPage);
  }

  /** Adds a named database to the main tree. */
  void addTree(byte[] name, byte[] tree) {
    long key = pages.work();
    NativeMemory.copy(name, 0, key, name.length);
    long at = node(key, name.length, tree.length, LmdbImage.NODE_TREE, tree.length);
    NativeMemory.copy(tree, 0, at, tree.length);
  }

  /** Makes room for a node, writes its header and key, returns where its data go. */
  private long node(long key, int keyLength, long dataLength, int flags, int inLeafLength) {
    int bytes = (NODE_HEADER_BYTES + keyLength + inLeafLength + 1) & ~1;
    int lower = LmdbImage.PAGE_HEADER_BYTES + Short.BYTES * count;
    if (upper - lower < bytes + Short.BYTES) {
      // The last key lies in the page that goes out.
      long last = leaf + upper;
      byte[] separator =
          KeyIndexWriter.separator(
              last + NODE_HEADER_BYTES, NativeMemory.getU16(last + 6), key, keyLength);
      endLeaf();
      leafSeparator = separator;
      lower = LmdbImage.PAGE_HEADER_BYTES;
    }
    upper -= bytes;
    NativeMemory.putShort(leaf + lower, (short) upper);
    long node = leaf + upper;
    NativeMemory.putInt(node, (int) dataLength);
    NativeMemory.putShort(node + 4, (short) flags);
    NativeMemory.putShort(node + 6, (short) keyLength);
    NativeMemory.copy(key, node + NODE_HEADER_BYTES, keyLength);
    count++;
    entries++;
    return node + NODE_HEADER_BYTES + keyLength;
  }

  private void endLeaf() {
    long page = pages.nextPage();
    putHeader(leaf, page, LmdbImage.FLAG_LEAF, count, upper);
    pages.put(leaf, PAGE_BYTES);
    NativeMemory.fill(leaf, PAGE_BYTES, (byte) 0);
    count = 0;
    upper = PAGE_BYTES;
    leafPages++;
    leaves.leaf(page, leafSeparator);
    level(0).add(leafSeparator, page);
  }

  private static void putHeader(long page, long number, int flags, int nodes, int upper) {
    NativeMemory.putLong(page, number);
    NativeMemory.putShort(page + 8, (short) 0);
    NativeMemory.putShort(page + 10, (short) flags);
    NativeMemory.putShort(page + 12, (short) (LmdbImage.PAGE_HEADER_BYTES + Short.BYTES * nodes));
    NativeMemory.putShort(page + 14, (short) upper);
  }

  private Level level(int height) {
    if (height == levels.size()) {
      levels.add(new Level(height));
    }
    return levels.get(height);
  }

  /** Writes what is left and returns the tree's record for the main tree or a meta page. */
  byte[] finish() {
    if (count > 0) {
      endLeaf();
    }
    long root = -1;
    int depth = 0;
    for (int height = 0; root == -1 && height < levels.size(); height++) {
      depth = height + 1;
      root = levels.get(height).finish();
      if (levels.get(height).isWritten()) {
        depth++;
      }
    }
    return record(0, 0, depth, branchPages, leafPages, overflowPages, entries, root);
  }

  /** The record of LMDB's tree of free pages, of which a sealed file has none. */
  static byte[] freeTree() {
    return record(PAGE_BYTES, LmdbImage.FREE_TREE_FLAGS, 0, 0, 0, 0, 0, -1);
  }

  private static byte[] record(
      int pad,
      int flags,
      int depth,
      long branches,
      long leaves,
      long overflow,
      long all,
      long root) {
    return ByteBuffer.allocate(LmdbImage.TREE_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(pad)
        .putShort((short) flags)
        .putShort((short) depth)
        .putLong(branches)
        .putLong(leaves)
        .putLong(overflow)
        .putLong(all)
        .putLong(root)
        .array();
  }

  /**
   * The branch pages of one height. The last full page is held back, so that the very last one can
   * take a child of it: LMDB wants two at least.
   */
  private final class Level {
    private final int height;
    private List<Child> held = new ArrayList<>();
    private List<Child> current = new ArrayList<>();
    private int usedBytes = LmdbImage.PAGE_HEADER_BYTES;
    private boolean isWritten;

    /** A page below and its separator. */
    record Child(byte[] separator, long page) {}

    Level(int height) {
      this.height = height;
    }

    void add(byte[] separator, long page) {
      int bytes = nodeBytes(current.isEmpty() ? NO_BYTES : separator) + Short.BYTES;
      if (usedBytes + bytes > PAGE_BYTES) {
        writeHeld();
        held = current;
        current = new ArrayList<>();
        usedBytes = LmdbImage.PAGE_HEADER_BYTES;
        bytes = nodeBytes(NO_BYTES) + Short.BYTES;
      }
      current.add(new Child(separator, page));
      usedBytes += bytes;
    }

    private int nodeBytes(byte[] separator) {
      return (NODE_HEADER_BYTES + separator.length + 1) & ~1;
    }

    /** Writes the rest; the root's page if that is on this level or just below, else -1. */
    long finish() {
      if (held.isEmpty() && !isWritten) {
        return current.size() == 1 ? current.getFirst().page() : write(current);
      }
      if (current.size() == 1) {
        current.addFirst(held.removeLast());
      }
      writeHeld();
      level(height + 1).add(current.getFirst().separator(), write(current));
      return -1;
    }

    boolean isWritten() {
      return isWritten;
    }

    private void writeHeld() {
      if (!held.isEmpty()) {
        level(height + 1).add(held.getFirst().separator(), write(held));
        held = new ArrayList<>();
      }
    }

    private long write(List<Child> children) {
      long page = pages.work();
      NativeMemory.fill(page, PAGE_BYTES, (byte) 0);
      int top = PAGE_BYTES;
      for (int i = 0; i < children.size(); i++) {
        Child child = children.get(i);
        // The first key of a branch page stands for "less than everything".
        byte[] key = i == 0 ? NO_BYTES : child.separator();
        top -= nodeBytes(key);
        long node = page + top;
        NativeMemory.putShort(
            page + LmdbImage.PAGE_HEADER_BYTES + (long) Short.BYTES * i, (short) top);
        NativeMemory.putInt(node, (int) child.page());
        NativeMemory.putShort(node + 4, (short) (child.page() >>> 32));
        NativeMemory.putShort(node + 6, (short) key.length);
        NativeMemory.copy(key, 0, node + NODE_HEADER_BYTES, key.length);
      }
      long number = pages.nextPage();
      putHeader(page, number, LmdbImage.FLAG_BRANCH, children.size(), top);
      pages.put(page, PAGE_BYTES);
      branchPages++;
      isWritten = true;
      return number;
    }
  }
}
