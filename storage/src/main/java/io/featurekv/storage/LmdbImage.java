package io.featurekv.storage;

import io.featurekv.model.FeatureKvException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The pages of one LMDB 0.9 environment (64 bit), read in place without LMDB. Every number that
 * leads to another place is checked before it is followed, so that damaged bytes give CORRUPT or a
 * wrong entry, never an access outside the file. Immutable; any thread.
 *
 * <pre>
 * page := u64 number, u16 pad, u16 flags, then
 *         branch, leaf: u16 lower, u16 upper, u16 offsets of nodes in key order ..., free, nodes
 *         overflow:     u32 pages, data over all of them
 *         meta:         u32 0, u32 magic 0xBEEFC0DE, u32 version 1, u64 address, u64 map size,
 *                       tree free, tree main, u64 last page, u64 transaction
 * tree := u32 pad (page size in the free tree), u16 flags, u16 depth,
 *         u64 branch pages, u64 leaf pages, u64 overflow pages, u64 entries, u64 root (all ones: empty)
 * node := branch: u48 page number (as u16 low, u16 middle, u16 high), u16 key length, key
 *         leaf:   u32 data length, u16 flags, u16 key length, key,
 *                 data | (flag 1) u64 first overflow page | (flag 2) tree of a named database
 * </pre>
 */
final class LmdbImage {
  static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final int PAGE_HEADER_BYTES = 16;
  static final int FLAG_BRANCH = 1;
  static final int FLAG_LEAF = 2;
  static final int FLAG_OVERFLOW = 4;
  static final int FLAG_META = 8;

  static final int META_BYTES = 136;
  static final int META_MAP_SIZE_AT = 16;

  static final int META_MAGIC = 0xBEEFC0DE;
  static final int META_VERSION = 1;
  private static final int META_FREE_TREE_AT = 24;
  private static final int META_MAIN_TREE_AT = 72;
  private static final int META_LAST_PAGE_AT = 120;
  private static final int META_TRANSACTION_AT = 128;

  static final int TREE_BYTES = 48;

  /** Integer keys, and the environment is one file. */
  static final int FREE_TREE_FLAGS = 0x4008;

  /** Longest key that LMDB takes. */
  static final int MAX_KEY_BYTES = 511;

  static final int NODE_HEADER_BYTES = 8;
  static final int NODE_BIG = 1;
  static final int NODE_TREE = 2;

  private final Path file;
  private final MemorySegment map;
  private final int pageSize;
  private final long meta;
  private final long pageCount;

  private LmdbImage(Path file, MemorySegment map, int pageSize, long meta, long pageCount) {
    this.file = file;
    this.map = map;
    this.pageSize = pageSize;
    this.meta = meta;
    this.pageCount = pageCount;
  }

  /**
   * Reads the meta pages.
   *
   * @param file for messages
   * @param map the whole file
   */
  static LmdbImage of(Path file, MemorySegment map) {
    long length = map.byteSize();
    if (length < 2L * ShardFileFormat.MIN_PAGE_BYTES) {
      throw FileErrors.corrupt(file, "no room for LMDB's meta pages in " + length + " bytes");
    }
    int pageSize = map.get(U32, PAGE_HEADER_BYTES + META_FREE_TREE_AT);
    boolean isPageSize =
        pageSize >= ShardFileFormat.MIN_PAGE_BYTES
            && pageSize <= ShardFileFormat.MAX_PAGE_BYTES
            && Integer.bitCount(pageSize) == 1;
    if (!isPageSize || length < 2L * pageSize) {
      throw FileErrors.corrupt(file, "LMDB's page size of " + pageSize + " cannot be");
    }
    long first = PAGE_HEADER_BYTES;
    long second = first + pageSize;
    checkMeta(file, map, first);
    checkMeta(file, map, second);
    boolean isSecondNewer =
        map.get(U64, second + META_TRANSACTION_AT) > map.get(U64, first + META_TRANSACTION_AT);
    long meta = isSecondNewer ? second : first;
    long lastPage = map.get(U64, meta + META_LAST_PAGE_AT);
    if (lastPage < 1 || lastPage >= Long.MAX_VALUE / pageSize) {
      throw FileErrors.corrupt(file, "LMDB's last page " + lastPage + " cannot be");
    }
    return new LmdbImage(file, map, pageSize, meta, lastPage + 1);
  }

  private static void checkMeta(Path file, MemorySegment map, long meta) {
    int magic = map.get(U32, meta);
    int version = map.get(U32, meta + 4);
    if (magic != META_MAGIC || version != META_VERSION) {
      throw FileErrors.corrupt(
          file,
          "expected LMDB's magic "
              + Integer.toHexString(META_MAGIC)
              + " and version 1 at byte "
              + meta
              + ", found "
              + Integer.toHexString(magic)
              + " and "
              + version);
    }
  }

  MemorySegment map() {
    return map;
  }

  int pageSize() {
    return pageSize;
  }

  /** Pages of the environment; the file may be longer or shorter only before it is sealed. */
  long pageCount() {
    return pageCount;
  }

  /** Offset of the newer meta record. */
  long metaOffset() {
    return meta;
  }

  LmdbTree freeTree() {
    return treeAt(meta + META_FREE_TREE_AT);
  }

  LmdbTree mainTree() {
    return treeAt(meta + META_MAIN_TREE_AT);
  }

  /** A named database. */
  LmdbTree namedTree(String text) {
    byte[] name = text.getBytes(StandardCharsets.US_ASCII);
    MemorySegment key = MemorySegment.ofArray(name);
    long node = mainTree().find(key, 0, name.length);
    if (node == LmdbTree.NONE
        || (nodeFlags(node) & NODE_TREE) == 0
        || dataLength(node) != TREE_BYTES) {
      throw corrupt("no database '" + text + "'");
    }
    return treeAt(dataOffset(node));
  }

  private LmdbTree treeAt(long at) {
    int depth = u16(at + 6);
    long pages = map.get(U64, at + 8) + map.get(U64, at + 16) + map.get(U64, at + 24);
    long entries = map.get(U64, at + 32);
    long root = map.get(U64, at + 40);
    if (depth > LmdbTree.MAX_DEPTH || entries < 0 || (depth == 0) != (root == -1L)) {
      throw corrupt("a tree of depth " + depth + ", " + entries + " entries, root " + root);
    }
    return new LmdbTree(this, depth, pages, entries, root);
  }

  /** Offset of a page, once its number and flags are what they should be. */
  long page(long number, int flags) {
    if (number < 2 || number >= pageCount || (number + 1) * pageSize > map.byteSize()) {
      throw corrupt("a reference to page " + number + " of " + pageCount);
    }
    long page = number * pageSize;
    int actualFlags = u16(page + 10);
    if (map.get(U64, page) != number || actualFlags != flags) {
      throw corrupt(
          "page "
              + number
              + ": expected flags "
              + flags
              + ", found "
              + actualFlags
              + " and number "
              + map.get(U64, page));
    }
    return page;
  }

  /** Nodes of a branch or leaf page, 1 or more. */
  int nodeCount(long page) {
    int lower = u16(page + 12);
    int upper = u16(page + 14);
    int count = (lower - PAGE_HEADER_BYTES) >> 1;
    if (count < 1 || lower > upper || upper > pageSize) {
      throw corrupt("page " + page / pageSize + ": bounds " + lower + " and " + upper);
    }
    return count;
  }

  /** Offset of a node, whose key lies within the page. */
  long node(long page, int index) {
    int at = u16(page + PAGE_HEADER_BYTES + 2L * index);
    if (at < PAGE_HEADER_BYTES || at + NODE_HEADER_BYTES > pageSize) {
      throw corrupt("page " + page / pageSize + ": node " + index + " at " + at);
    }
    long node = page + at;
    if (at + NODE_HEADER_BYTES + keyLength(node) > pageSize) {
      throw corrupt("page " + page / pageSize + ": node " + index + " leaves the page");
    }
    return node;
  }

  long keyOffset(long node) {
    return node + NODE_HEADER_BYTES;
  }

  int keyLength(long node) {
    return u16(node + 6);
  }

  /** Number of the page that a branch node leads to. */
  long childPage(long node) {
    return (map.get(U32, node) & 0xFFFFFFFFL) | ((long) u16(node + 4) << 32);
  }

  /** Data length of a leaf node. */
  int dataLength(long node) {
    int length = map.get(U32, node);
    if (length < 0) {
      throw corrupt("an entry of " + Integer.toUnsignedString(length) + " bytes");
    }
    return length;
  }

  /** Where the data of a leaf node begins; all of it lies within the file. */
  long dataOffset(long node) {
    long data = node + NODE_HEADER_BYTES + keyLength(node);
    int length = dataLength(node);
    long pageEnd = (node / pageSize + 1) * pageSize;
    if ((nodeFlags(node) & NODE_BIG) == 0) {
      if (data + length > pageEnd) {
        throw corrupt("an entry at byte " + node + " leaves its page");
      }
      return data;
    }
    if (data + Long.BYTES > pageEnd) {
      throw corrupt("an entry at byte " + node + " leaves its page");
    }
    long first = map.get(U64, data);
    long page = page(first, FLAG_OVERFLOW);
    long pages = map.get(U32, page + 12) & 0xFFFFFFFFL;
    if (first + pages > pageCount
        || (first + pages) * pageSize > map.byteSize()
        || PAGE_HEADER_BYTES + (long) length > pages * pageSize) {
      throw corrupt("page " + first + ": " + length + " bytes in " + pages + " overflow pages");
    }
    return page + PAGE_HEADER_BYTES;
  }

  private int nodeFlags(long node) {
    return u16(node + 4);
  }

  /** Negative, zero or positive as a node's key is less than, equal to or greater than a key. */
  int compare(long node, MemorySegment key, long offset, int length) {
    int nodeLength = keyLength(node);
    long at = keyOffset(node);
    long mismatch = MemorySegment.mismatch(map, at, at + nodeLength, key, offset, offset + length);
    return mismatch < 0
        ? 0
        : KeyOrder.compareFrom(mismatch, map, at, nodeLength, key, offset, length);
  }

  FeatureKvException corrupt(String what) {
    return FileErrors.corrupt(file, what);
  }

  private int u16(long at) {
    return map.get(U16, at) & 0xFFFF;
  }
}
