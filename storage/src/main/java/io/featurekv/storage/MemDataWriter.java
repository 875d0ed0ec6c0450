package io.featurekv.storage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lays out a {@code mem} file from entries in hash order. The first entries are a fair sample of
 * the table, for their order is by hash: they are held back, and decide whether there are slots at
 * all, and for which shape. One thread.
 */
final class MemDataWriter implements DataWriter {
  private static final int SAMPLE_ENTRIES = 4096;
  private static final int SAMPLE_BYTES = 8 << 20;

  /** Slots pay where this part of the sample has one shape. */
  private static final double SLOT_SHARE = 0.9;

  private final LmdbFileWriter file;
  private final long expectedEntries;
  private final BlobWriter slotBlob;
  private final BlobWriter heapBlob;
  private final HeapWriter heap;
  private @Nullable List<IncomingEntry> sample = new ArrayList<>();
  private final VirtualMemory sampled = VirtualMemory.allocate(SAMPLE_BYTES);
  private long sampleBytes;
  private @Nullable PerfectHashWriter slots;

  /** Lengths of a key and a value. */
  private record Shape(int keyLength, int valueLength) {}

  MemDataWriter(LmdbFileWriter file, long expectedEntries) {
    this.file = file;
    this.expectedEntries = expectedEntries;
    this.slotBlob = new BlobWriter(file.pages());
    this.heapBlob = new BlobWriter(file.pages());
    this.heap = new HeapWriter(heapBlob);
  }

  @Override
  public void add(IncomingEntry entry) {
    List<IncomingEntry> held = sample;
    if (held != null && sampleBytes + entry.bytes() <= SAMPLE_BYTES) {
      held.add(entry.copyTo(sampled.address() + sampleBytes));
      sampleBytes += entry.bytes();
      if (held.size() == SAMPLE_ENTRIES) {
        decide(held, expectedEntries);
      }
      return;
    }
    if (held != null) {
      decide(held, expectedEntries);
    }
    place(entry);
  }

  private void decide(List<IncomingEntry> entries, long total) {
    sample = null;
    Map<Shape, Integer> shapes = new HashMap<>();
    entries.stream()
        .filter(IncomingEntry::isPlain)
        .filter(entry -> PerfectHashWriter.takes(entry.keyLength, entry.valueLength))
        .forEach(
            entry -> shapes.merge(new Shape(entry.keyLength, entry.valueLength), 1, Integer::sum));
    shapes.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .filter(most -> total > 0 && most.getValue() >= SLOT_SHARE * entries.size())
        .ifPresent(
            most -> {
              Shape shape = most.getKey();
              slots =
                  new PerfectHashWriter(slotBlob, shape.keyLength(), shape.valueLength(), total);
            });
    entries.forEach(this::place);
    sampled.close();
  }

  private void place(IncomingEntry entry) {
    PerfectHashWriter inSlots = slots;
    boolean isTaken =
        inSlots != null
            && entry.keyLength == inSlots.keyLength()
            && entry.valueLength == inSlots.valueLength()
            && entry.isPlain()
            && inSlots.add(entry);
    if (!isTaken) {
      heap.add(entry);
    }
  }

  @Override
  public Map<String, byte[]> finish() {
    if (sample != null) {
      decide(sample, sample.size());
    }
    PerfectHashWriter inSlots = slots;
    long partitions = 0;
    if (inSlots != null) {
      inSlots.finish();
      partitions = inSlots.partitions();
    }
    file.add(ShardFileFormat.SLOTS, slotBlob.finish());
    file.add(ShardFileFormat.HEAP, heapBlob.finish());
    try (BlobWriter index = new BlobWriter(file.pages())) {
      long homes = heap.homeBuckets();
      // The count of buckets is known only when they are written; it is what follows the rest.
      index.write(header(inSlots, partitions, homes), 0, MemLayout.HEADER_BYTES);
      if (inSlots != null) {
        inSlots.writeIndex(index);
      }
      index.zeros(MemLayout.bucketsOffset(partitions) - index.length());
      heap.writeBuckets(index);
      file.add(ShardFileFormat.INDEX, index.finish());
    }
    return Map.of();
  }

  private byte[] header(@Nullable PerfectHashWriter inSlots, long partitions, long homes) {
    ByteBuffer header = ByteBuffer.allocate(MemLayout.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    if (inSlots != null) {
      header.putInt(0, inSlots.keyLength());
      header.putInt(4, inSlots.valueLength());
      header.putInt(8, inSlots.stride());
      header.putLong(16, partitions);
      header.putLong(24, inSlots.entries());
    }
    header.putLong(32, homes);
    header.putLong(40, heap.entries());
    header.putLong(48, heapBlob.length());
    return header.array();
  }

  @Override
  public void close() {
    if (slots != null) {
      slots.close();
    }
    heap.close();
    sampled.close();
    slotBlob.close();
    heapBlob.close();
  }
}
