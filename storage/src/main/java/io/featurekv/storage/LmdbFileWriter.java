package io.featurekv.storage;

import static io.featurekv.storage.ShardFileFormat.PAGE_BYTES;

import io.featurekv.model.PieceList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes an LMDB environment with named databases front to back, without LMDB (decision 0008). One
 * thread.
 */
final class LmdbFileWriter implements AutoCloseable {
  private final PageFileWriter pages;
  private final Map<String, byte[]> trees = new TreeMap<>();

  private LmdbFileWriter(PageFileWriter pages) {
    this.pages = pages;
  }

  static LmdbFileWriter create(Path file) {
    return new LmdbFileWriter(PageFileWriter.create(file));
  }

  PageFileWriter pages() {
    return pages;
  }

  /** Finishes a named database. */
  void add(String name, LmdbTreeWriter tree) {
    trees.put(name, tree.finish());
  }

  /** Writes a small database at once. */
  void add(String name, Map<String, byte[]> entries) {
    LmdbTreeWriter tree = new LmdbTreeWriter(pages);
    new TreeMap<>(entries)
        .forEach((key, value) -> add(tree, key.getBytes(StandardCharsets.UTF_8), value));
    add(name, tree);
  }

  private static void add(LmdbTreeWriter tree, byte[] key, byte[] value) {
    try (VirtualMemory memory = VirtualMemory.allocate((long) key.length + value.length)) {
      long data = memory.address() + key.length;
      NativeMemory.copy(key, 0, memory.address(), key.length);
      NativeMemory.copy(value, 0, data, value.length);
      tree.add(memory.address(), key.length, data, value.length);
    }
  }

  /** Writes the main tree and the meta pages, forces, renames. */
  PieceList seal(Path target) {
    LmdbTreeWriter main = new LmdbTreeWriter(pages);
    trees.forEach((name, tree) -> main.addTree(name.getBytes(StandardCharsets.UTF_8), tree));
    byte[] mainRecord = main.finish();
    PieceList list = pages.finish(meta(mainRecord, pages.nextPage()));
    pages.publish(target);
    return list;
  }

  /** CRC32C of every piece of the sealed file. */
  List<Integer> pieceCrcs() {
    return pages.pieceCrcs();
  }

  private static byte[] meta(byte[] mainTree, long pageCount) {
    ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    page.putShort(10, (short) LmdbImage.FLAG_META);
    page.position(LmdbImage.PAGE_HEADER_BYTES);
    page.putInt(LmdbImage.META_MAGIC)
        .putInt(LmdbImage.META_VERSION)
        .putLong(0)
        .putLong(pageCount * PAGE_BYTES)
        .put(LmdbTreeWriter.freeTree())
        .put(mainTree)
        .putLong(pageCount - 1)
        .putLong(1);
    return page.array();
  }

  @Override
  public void close() {
    pages.close();
  }
}
