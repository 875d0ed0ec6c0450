package io.featurekv.node.resp;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** What AUTH must say, as a digest: comparing takes the same time whatever was said. */
final class Password {
  private final byte[] digest;

  private Password(byte[] digest) {
    this.digest = digest;
  }

  /**
   * The first line of a file.
   *
   * @throws FeatureKvException INVALID_ARGUMENT when there is none
   */
  static Password read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, "cannot read the password file " + file + ": " + e, e);
    }
    String password = text.lines().findFirst().orElse("");
    if (password.isEmpty()) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "the password file " + file + " has no password in its first line");
    }
    return new Password(digestOf(password.getBytes(StandardCharsets.UTF_8)));
  }

  boolean is(byte[] said) {
    return MessageDigest.isEqual(digest, digestOf(said));
  }

  private static byte[] digestOf(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
