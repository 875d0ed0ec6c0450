package io.featurekv.storage;

import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens a mapped shard file: reads what it says, loads what belongs in memory, makes its reader.
 */
final class ShardOpening {
  private final Path file;
  private final FileChannel channel;
  private final SealRecord seal;
  private final Arena arena;
  private final IntConsumer paceBytes;
  private final MemorySegment map;
  private final LmdbImage image;
  private final InfoDatabase database;

  /** The arena goes with whatever is opened. */
  private ShardOpening(
      Path file, FileChannel channel, SealRecord seal, Arena arena, IntConsumer paceBytes)
      throws IOException {
    this.file = file;
    this.channel = channel;
    this.seal = seal;
    this.arena = arena;
    this.paceBytes = paceBytes;
    this.map = channel.map(FileChannel.MapMode.READ_ONLY, 0, seal.lengthBytes(), arena);
    this.image = LmdbImage.of(file, map);
    if (image.pageSize() != seal.pageSize()
        || image.pageCount() * image.pageSize() != seal.lengthBytes()) {
      throw FileErrors.corrupt(
          file,
          "expected pages of "
              + seal.pageSize()
              + " in "
              + seal.lengthBytes()
              + " bytes, LMDB's meta page says "
              + image.pageCount()
              + " of "
              + image.pageSize());
    }
    this.database = InfoDatabase.read(image);
    check();
  }

  static ShardOpening of(
      Path file, FileChannel channel, SealRecord seal, Arena arena, IntConsumer paceBytes)
      throws IOException {
    try {
      return new ShardOpening(file, channel, seal, arena, paceBytes);
    } catch (IndexOutOfBoundsException e) {
      throw FileErrors.corrupt(file, String.valueOf(e.getMessage()));
    }
  }

  private void check() {
    ShardFileInfo info = database.info();
    ShardFileSpec spec = info.spec();
    boolean fits =
        info.formatVersion() == seal.formatVersion()
            && (isOld() || seal.pageSize() == ShardFileFormat.PAGE_BYTES)
            && spec.id().shard() < spec.shards()
            && info.entries() >= 0
            && info.tombstones() >= 0
            && (info.tombstones() == 0 || spec.mode() == UpdateMode.INCREMENTAL);
    if (!fits) {
      throw image.corrupt("its info record does not fit: " + info);
    }
    if (isOld()) {
      checkRecords(database.records(), spec.kind() == TableKind.BLK);
    } else if (spec.kind() == TableKind.IDX) {
      long keys = info.entries() + info.tombstones();
      if (image.namedTree(ShardFileFormat.DATA).entries() != keys) {
        throw image.corrupt(
            "expected "
                + keys
                + " entries, LMDB counts "
                + image.namedTree(ShardFileFormat.DATA).entries());
      }
    }
  }

  private void checkRecords(long records, boolean isBlocked) {
    ShardFileInfo info = database.info();
    long keys = info.entries() + info.tombstones();
    long most = isBlocked ? ShardFileFormat.V1_BLOCK_ENTRIES : 1;
    if (records != image.namedTree(ShardFileFormat.DATA).entries()
        || records > keys
        || keys > records * most) {
      throw image.corrupt("its info record does not fit: " + info + ", " + records + " records");
    }
  }

  private boolean isOld() {
    return seal.formatVersion() == 1;
  }

  ShardFileInfo info() {
    return database.info();
  }

  /** Opens the reader, which owns the arena from then on. */
  ShardReader reader(BlockCache cache) throws IOException {
    try {
      if (isOld()) {
        return oldReader();
      }
      return switch (info().spec().kind()) {
        case MEM -> memReader();
        case IDX -> idxReader();
        case BLK -> blkReader(cache);
      };
    } catch (IndexOutOfBoundsException e) {
      throw FileErrors.corrupt(file, String.valueOf(e.getMessage()));
    }
  }

  private ShardReader oldReader() throws IOException {
    LmdbTree data = image.namedTree(ShardFileFormat.DATA);
    boolean isMem = info().spec().kind() == TableKind.MEM;
    if (isMem) {
      seal.checkBody(file);
      map.load();
    }
    MappedShard mapped = new MappedShard(file, map, arena, VirtualMemory.allocate(0));
    return info().spec().kind() == TableKind.BLK
        ? new V1BlockReader(mapped, data, database.dictionary())
        : new V1OrderedReader(mapped, data);
  }

  /**
   * Copies the parts into memory of their own, in huge pages where there are some, and checks all
   * of the file on the way; nothing of it is mapped afterwards.
   */
  private ShardReader memReader() throws IOException {
    Blob index = Blob.of(image.namedTree(ShardFileFormat.INDEX));
    Blob slots = Blob.of(image.namedTree(ShardFileFormat.SLOTS));
    Blob heap = Blob.of(image.namedTree(ShardFileFormat.HEAP));
    long slotsAt = aligned(index.lengthBytes());
    long heapAt = aligned(slotsAt + slots.lengthBytes());
    VirtualMemory memory =
        VirtualMemory.allocateForTable(heapAt + heap.lengthBytes() + MemImage.TAIL_BYTES);
    try {
      List<Copy> copies = new ArrayList<>();
      addCopies(index, memory.address(), copies);
      addCopies(slots, memory.address() + slotsAt, copies);
      addCopies(heap, memory.address() + heapAt, copies);
      copies.sort(Comparator.comparingLong(Copy::offset));
      try (UncachedFile opened = isCached() ? UncachedFile.cached(file) : UncachedFile.open(file);
          BodyReader body = new BodyReader(file, opened, seal, paceBytes)) {
        for (Copy copy : copies) {
          body.copy(copy.offset(), copy.length(), copy.target());
        }
        body.skipRest();
      }
      MemImage parts =
          MemImage.of(
              file,
              memory,
              memory.address(),
              index.lengthBytes(),
              memory.address() + slotsAt,
              slots.lengthBytes(),
              memory.address() + heapAt,
              heap.lengthBytes());
      checkCount(parts.slotEntries() + parts.heapEntries());
      arena.close();
      return new MemReader(file, parts);
    } catch (RuntimeException | IOException | Error e) {
      memory.close();
      throw e;
    }
  }

  /** Whether the file seems to be in the page cache, as one that was just read back is. */
  private boolean isCached() {
    try (Arena confined = Arena.ofConfined()) {
      MemorySegment oneByte = confined.allocate(1);
      long last = map.byteSize() - image.pageSize();
      return VirtualMemory.isInMemory(map.address() + last / 2, oneByte)
          && VirtualMemory.isInMemory(map.address() + last, oneByte);
    }
  }

  /** Reads all entries back from the file, of kind {@code mem} without bringing it into memory. */
  EntryTotals readBack() throws IOException {
    if (isOld() || info().spec().kind() != TableKind.MEM) {
      try (ShardReader reader = reader(BlockCache.shared())) {
        return reader.readBack(paceBytes);
      }
    }
    Blob index = Blob.of(image.namedTree(ShardFileFormat.INDEX));
    Blob slots = Blob.of(image.namedTree(ShardFileFormat.SLOTS));
    Blob heap = Blob.of(image.namedTree(ShardFileFormat.HEAP));
    try (VirtualMemory memory = VirtualMemory.allocate(index.lengthBytes());
        BlobReader ofSlots = new BlobReader(file, channel, slots, paceBytes);
        BlobReader ofHeap = new BlobReader(file, channel, heap, paceBytes)) {
      index.copy(map.address(), memory.address());
      MemImage guide =
          MemImage.of(
              file,
              memory,
              memory.address(),
              index.lengthBytes(),
              0,
              slots.lengthBytes(),
              0,
              heap.lengthBytes());
      checkCount(guide.slotEntries() + guide.heapEntries());
      MemBytes inFile =
          new MemBytes() {
            @Override
            public long slots(long offset, int length) {
              return ofSlots.read(offset, length);
            }

            @Override
            public long heap(long offset, int length) {
              return ofHeap.read(offset, length);
            }
          };
      EntryTotals totals = new MemReadBack(file, guide, inFile).run();
      arena.close();
      return totals;
    } catch (IndexOutOfBoundsException e) {
      throw FileErrors.corrupt(file, String.valueOf(e.getMessage()));
    }
  }

  private void checkCount(long found) {
    long expected = info().entries() + info().tombstones();
    if (found != expected) {
      throw image.corrupt("expected " + expected + " entries, its index counts " + found);
    }
  }

  private record Copy(long offset, int length, long target) {}

  private static void addCopies(Blob blob, long target, List<Copy> copies) {
    long to = target;
    for (Blob.Chunk chunk : blob.chunks()) {
      copies.add(new Copy(chunk.offset(), chunk.length(), to));
      to += chunk.length();
    }
  }

  private static long aligned(long offset) {
    return (offset + MemLayout.LINE_BYTES - 1) & -MemLayout.LINE_BYTES;
  }

  /** Index and filter of an ordered file, in memory. */
  private record Guides(VirtualMemory memory, KeyIndex index, KeyFilter filter) {}

  private Guides loadGuides(int unitBits) {
    Blob index = Blob.of(image.namedTree(ShardFileFormat.INDEX));
    Blob filter = Blob.of(image.namedTree(ShardFileFormat.FILTER));
    long filterAt = aligned(index.lengthBytes());
    VirtualMemory memory =
        VirtualMemory.allocateForTable(filterAt + filter.lengthBytes() + MemLayout.LINE_BYTES);
    try {
      index.copy(map.address(), memory.address());
      filter.copy(map.address(), memory.address() + filterAt);
      checkSum(InfoDatabase.INDEX_CHECKSUM, memory.address(), index.lengthBytes());
      checkSum(InfoDatabase.FILTER_CHECKSUM, memory.address() + filterAt, filter.lengthBytes());
      if (KeyFilter.lengthAt(memory.address() + filterAt, filter.lengthBytes())
          != filter.lengthBytes()) {
        throw image.corrupt("a filter of " + filter.lengthBytes() + " bytes cannot be");
      }
      return new Guides(
          memory,
          KeyIndex.of(file, memory.address(), index.lengthBytes(), unitBits, seal.lengthBytes()),
          new KeyFilter(memory.address() + filterAt));
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  private void checkSum(String name, long address, long length) {
    long actual = Blob.checksum(address, length);
    if (actual != database.number(name)) {
      throw image.corrupt(name + ": expected " + database.number(name) + ", found " + actual);
    }
  }

  private ShardReader idxReader() {
    LmdbTree data = image.namedTree(ShardFileFormat.DATA);
    Guides guides = loadGuides(ShardFileFormat.PAGE_BITS);
    VirtualMemory.expectRandomReads(map.address(), map.byteSize());
    return new IdxReader(
        new MappedShard(file, map, arena, guides.memory()), guides.index(), guides.filter(), data);
  }

  private ShardReader blkReader(BlockCache cache) {
    byte @Nullable [] dictionary = database.dictionary();
    long most = database.number(InfoDatabase.BLOCK_ENTRIES);
    if (most < 1 || most > ShardBuildOptions.MAX_BLOCK_ENTRIES) {
      throw image.corrupt("blocks of up to " + most + " entries");
    }
    BlockSource source = new BlockSource(file, map, dictionary);
    try {
      Guides guides = loadGuides(ShardFileFormat.BLOCK_UNIT_BITS);
      VirtualMemory.expectRandomReads(map.address(), map.byteSize());
      return new BlkReader(
          new MappedShard(file, map, arena, guides.memory()),
          source,
          guides.index(),
          guides.filter(),
          (int) database.number(InfoDatabase.BLOCK_ENTRIES),
          cache);
    } catch (RuntimeException | Error e) {
      source.close();
      throw e;
    }
  }

  /** What the file consists of. */
  ShardFileParts parts() {
    boolean isMem = info().spec().kind() == TableKind.MEM;
    byte[] dictionary = database.dictionary();
    return new ShardFileParts(
        layout(),
        database.textOrEmpty(InfoDatabase.FIRST_KEY),
        database.textOrEmpty(InfoDatabase.LAST_KEY),
        isMem && !isOld()
            ? pages(ShardFileFormat.SLOTS) + pages(ShardFileFormat.HEAP)
            : pages(ShardFileFormat.DATA),
        isOld() ? 0 : pages(ShardFileFormat.INDEX),
        isOld() || isMem ? 0 : pages(ShardFileFormat.FILTER),
        database.numberOrZero(InfoDatabase.BLOCKS),
        database.numberOrZero(InfoDatabase.BLOCK_ENTRIES),
        database.numberOrZero(InfoDatabase.PLAIN_BYTES),
        database.numberOrZero(InfoDatabase.STORED_BYTES),
        dictionary == null ? 0 : dictionary.length);
  }

  private long pages(String name) {
    return image.namedTree(name).pages() * image.pageSize();
  }

  private String layout() {
    if (isOld()) {
      return "format 1";
    }
    return switch (info().spec().kind()) {
      case MEM -> {
        boolean hasSlots = image.namedTree(ShardFileFormat.SLOTS).entries() > 0;
        boolean hasHeap = image.namedTree(ShardFileFormat.HEAP).entries() > 0;
        yield hasSlots && hasHeap
            ? "perfect hash and buckets"
            : hasSlots ? "perfect hash" : "buckets";
      }
      case IDX -> "ordered leaf pages";
      case BLK -> "ordered blocks";
    };
  }
}
