package io.featurekv.storage;

import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.model.PieceList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Reads a file piece by piece with plain reads, to digest it or to hold it against its manifest.
 */
final class PieceReader {
  private PieceReader() {}

  static PieceList digest(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long length = channel.size();
      int count = PieceList.pieceCount(length);
      List<Digest> pieces = new ArrayList<>(count);
      byte[] bytes = new byte[(int) Math.min(PieceList.PIECE_BYTES, length)];
      MessageDigest sha256 = Digest.sha256();
      for (int i = 0; i < count; i++) {
        long offset = PieceList.offsetOf(i);
        int pieceLength = (int) Math.min(PieceList.PIECE_BYTES, length - offset);
        pieces.add(digest(file, channel, offset, bytes, pieceLength, sha256));
      }
      return new PieceList(length, pieces);
    } catch (IOException e) {
      throw FileErrors.onRead(file, e);
    }
  }

  static void verify(Path file, FileManifest manifest, PieceList pieces, IntConsumer paceBytes) {
    checkList(file, manifest, pieces);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() != manifest.lengthBytes()) {
        throw FileErrors.corrupt(
            file,
            "expected a length of " + manifest.lengthBytes() + " bytes, found " + channel.size());
      }
      byte[] bytes = new byte[(int) Math.min(PieceList.PIECE_BYTES, manifest.lengthBytes())];
      MessageDigest sha256 = Digest.sha256();
      for (int i = 0; i < pieces.pieces().size(); i++) {
        Digest expected = pieces.pieces().get(i);
        Digest actual =
            digest(file, channel, PieceList.offsetOf(i), bytes, pieces.lengthOf(i), sha256);
        paceBytes.accept(pieces.lengthOf(i));
        if (!actual.equals(expected)) {
          throw FileErrors.corrupt(
              file,
              "piece "
                  + i
                  + " of "
                  + pieces.pieces().size()
                  + " (counted from 0, bytes from "
                  + PieceList.offsetOf(i)
                  + "): expected SHA-256 "
                  + expected
                  + ", found "
                  + actual);
        }
      }
    } catch (IOException e) {
      throw FileErrors.onRead(file, e);
    }
  }

  /** The list of pieces is proved by the manifest before it proves anything. */
  private static void checkList(Path file, FileManifest manifest, PieceList pieces) {
    Digest digest = pieces.digest();
    if (pieces.lengthBytes() != manifest.lengthBytes() || !digest.equals(manifest.digest())) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT,
          "the list of pieces of "
              + file
              + " is damaged: expected "
              + manifest.lengthBytes()
              + " bytes and digest "
              + manifest.digest()
              + ", found "
              + pieces.lengthBytes()
              + " and "
              + digest);
    }
  }

  private static Digest digest(
      Path file, FileChannel channel, long offset, byte[] bytes, int length, MessageDigest sha256)
      throws IOException {
    read(file, channel, offset, bytes, length);
    sha256.update(bytes, 0, length);
    return Digest.of(sha256.digest());
  }

  /** Fills the first {@code length} bytes of {@code bytes}. */
  static void read(Path file, FileChannel channel, long offset, byte[] bytes, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw FileErrors.corrupt(
            file, "expected " + length + " bytes from byte " + offset + ", found an end");
      }
    }
  }
}
