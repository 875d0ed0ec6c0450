package io.featurekv.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/** Has blobs written into a file and reads them back into memory. */
final class Blobs implements AutoCloseable {
  private final Path directory;
  private final List<VirtualMemory> read = new ArrayList<>();

  Blobs(Path directory) {
    this.directory = directory;
  }

  VirtualMemory read(Consumer<BlobWriter> writing) {
    Path target = directory.resolve(UUID.randomUUID() + ".mdb");
    try (LmdbFileWriter file =
        LmdbFileWriter.create(target.resolveSibling(target.getFileName() + ".building"))) {
      try (BlobWriter blob = new BlobWriter(file.pages())) {
        writing.accept(blob);
        file.add("blob", blob.finish());
      }
      file.seal(target);
    }
    try (FileChannel channel = FileChannel.open(target);
        Arena arena = Arena.ofConfined()) {
      MemorySegment map = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      Blob blob = Blob.of(LmdbImage.of(target, map).namedTree("blob"));
      VirtualMemory memory = VirtualMemory.allocate(blob.lengthBytes());
      read.add(memory);
      blob.copy(map.address(), memory.address());
      return memory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    read.forEach(VirtualMemory::close);
  }
}
