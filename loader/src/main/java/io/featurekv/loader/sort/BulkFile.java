package io.featurekv.loader.sort;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Opens files that are written once and read once: past the page cache where the file system allows
 * it, so that a build neither pays for pages that nobody asks for again nor drives out those that
 * readers need. Positions, lengths and addresses are whole blocks then.
 */
final class BulkFile {
  /** Whole blocks are multiples of this. */
  static final int BLOCK_BYTES = 4096;

  /** Of a class that javac warns of; null where there is none. */
  private static final @Nullable OpenOption DIRECT = direct();

  private BulkFile() {}

  private static @Nullable OpenOption direct() {
    try {
      for (Object option :
          Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants()) {
        if (option instanceof OpenOption found && option.toString().equals("DIRECT")) {
          return found;
        }
      }
    } catch (ClassNotFoundException e) {
      // A JDK without it.
    }
    return null;
  }

  static FileChannel open(Path path, OpenOption... options) throws IOException {
    if (DIRECT == null) {
      return FileChannel.open(path, options);
    }
    OpenOption[] direct = Arrays.copyOf(options, options.length + 1);
    direct[options.length] = DIRECT;
    try {
      FileChannel channel = FileChannel.open(path, direct);
      if (BLOCK_BYTES % Files.getFileStore(path).getBlockSize() == 0) {
        return channel;
      }
      channel.close();
    } catch (IOException | UnsupportedOperationException e) {
      // A file system in memory, for example; if something else is wrong, it shows below.
    }
    return FileChannel.open(path, options);
  }

  /** The start of the block that holds a position. */
  static long blockStart(long position) {
    return position & -BLOCK_BYTES;
  }

  /** Up to the end of the last block. */
  static long wholeBlocks(long length) {
    return (length + BLOCK_BYTES - 1) & -BLOCK_BYTES;
  }
}
