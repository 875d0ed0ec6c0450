package io.featurekv.loader;

import io.featurekv.loader.source.Input;
import io.featurekv.model.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.TreeMap;

/** Digests what decides the entries of a load. */
final class InputDigest {
  private final MessageDigest sha256 = Digest.sha256();

  private InputDigest() {}

  /** The digest in hex; a different one at each call where standard input is read. */
  static String of(InputSpec input, List<Input> inputs) {
    InputDigest digest = new InputDigest();
    digest.addSpec(input);
    inputs.forEach(each -> digest.add(each.identity()));
    return Digest.of(digest.sha256.digest()).hex();
  }

  private void addSpec(InputSpec input) {
    add(input.keyColumns());
    add(input.keySeparator());
    add(input.keyEncoding());
    add(input.valueColumn());
    add(input.valueEncoding());
    add(input.types().size());
    new TreeMap<>(input.types())
        .forEach(
            (column, type) -> {
              add(column);
              add(type);
            });
    add(input.deleteColumn());
    // Without one the digest is that of releases that knew no expiry.
    if (!input.expiresColumn().isEmpty()) {
      add(input.expiresColumn());
    }
    if (!input.valueFormat().isEmpty()) {
      add("value format " + input.valueFormat());
    }
  }

  private void add(List<String> texts) {
    add(texts.size());
    texts.forEach(this::add);
  }

  private void add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    add(bytes.length);
    sha256.update(bytes);
  }

  private void add(long number) {
    sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
  }
}
