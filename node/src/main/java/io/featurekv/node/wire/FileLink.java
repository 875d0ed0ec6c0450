package io.featurekv.node.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Body of LINK_FILE: {@code file reference | path}, in UTF-8 to the end. FILE_LINKED, the reply, is
 * empty.
 *
 * @param path where the offered file lies on the machine of the receiver; absolute
 */
public record FileLink(FileKey file, Path path) {
  /** The bytes. */
  public ByteBuffer encode() {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = Fields.allocate(FileRef.bytes(file) + name.length);
    FileRef.put(out, file);
    return out.put(name).flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static FileLink decode(ByteBuffer body) {
    return Fields.decode(
        "LINK_FILE",
        body,
        in -> {
          FileKey file = FileRef.get(in);
          Path path = Path.of(new String(Fields.getRest(in), StandardCharsets.UTF_8));
          if (!path.isAbsolute()) {
            throw new IllegalArgumentException("path " + path);
          }
          return new FileLink(file, path);
        });
  }
}
