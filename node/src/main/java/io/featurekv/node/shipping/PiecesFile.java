package io.featurekv.node.shipping;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.PieceList;
import io.featurekv.node.DurableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * The file beside a shard file that lists its pieces: {@code u32 CRC32C of the rest | u32 length of
 * list | piece list | u32 CRC32C per piece}, little-endian.
 */
final class PiecesFile {
  private PiecesFile() {}

  static void write(Path file, PieceList pieces, int[] crcs) throws IOException {
    ByteBuffer list = pieces.encode();
    ByteBuffer out =
        ByteBuffer.allocate(2 * Integer.BYTES + list.remaining() + crcs.length * Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(0).putInt(list.remaining()).put(list);
    for (int crc : crcs) {
      out.putInt(crc);
    }
    out.flip();
    out.putInt(0, checksum(out.slice(Integer.BYTES, out.limit() - Integer.BYTES)));
    DurableFile.write(file, out);
  }

  record Content(PieceList pieces, int[] crcs) {}

  static Content read(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    if (in.remaining() < 2 * Integer.BYTES
        || in.getInt(0) != checksum(in.slice(Integer.BYTES, in.limit() - Integer.BYTES))) {
      throw new FeatureKvException(ErrorCode.CORRUPT, file + " fails its checksum");
    }
    in.position(Integer.BYTES);
    int listBytes = in.getInt();
    PieceList pieces = PieceList.decode(in.slice(in.position(), listBytes));
    in.position(in.position() + listBytes);
    int[] crcs = new int[pieces.pieces().size()];
    for (int i = 0; i < crcs.length; i++) {
      crcs[i] = in.getInt();
    }
    return new Content(pieces, crcs);
  }

  /** CRC32C of each piece of a file. */
  static int[] checksums(Path file, PieceList pieces) throws IOException {
    int[] crcs = new int[pieces.pieces().size()];
    ByteBuffer buffer = ByteBuffer.allocate(PieceList.PIECE_BYTES);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (int piece = 0; piece < crcs.length; piece++) {
        buffer.clear().limit(pieces.lengthOf(piece));
        while (buffer.hasRemaining()) {
          if (channel.read(buffer) < 0) {
            throw new IOException(file + " ends early");
          }
        }
        crcs[piece] = checksum(buffer.flip());
      }
    }
    return crcs;
  }

  static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }
}
