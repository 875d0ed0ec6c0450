package io.featurekv.metadata;

import io.featurekv.model.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A key of which it is known what every version must say of it.
 *
 * @param key its bytes; not to be changed
 */
public record GoldenKey(byte[] key, Expectation expected) {
  /** Longest value that is kept as it is; of a longer one its SHA-256 is. */
  public static final int MAX_VALUE_BYTES = 1_024;

  /** How much of a key or a value is shown to a person. */
  private static final int SHOWN_CHARS = 120;

  /** What there must be. */
  public sealed interface Expectation {}

  /** This very value. */
  public record Value(byte[] bytes) implements Expectation {
    @Override
    public boolean equals(Object other) {
      return other instanceof Value that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return shown(bytes);
    }
  }

  /** A value with this digest. */
  public record Sha256(Digest digest) implements Expectation {
    @Override
    public String toString() {
      return "a value with SHA-256 " + digest.hex();
    }
  }

  /** No entry. */
  public record Absent() implements Expectation {
    @Override
    public String toString() {
      return "no entry";
    }
  }

  /** That it has this value, kept as far as it may be. */
  public static GoldenKey ofValue(byte[] key, byte[] value) {
    return new GoldenKey(
        key,
        value.length <= MAX_VALUE_BYTES
            ? new Value(value)
            : new Sha256(Digest.of(Digest.sha256().digest(value))));
  }

  /** What is wrong where this was found (null: no entry); empty where nothing is. */
  public Optional<GoldenMiss> miss(byte @Nullable [] found) {
    boolean isRight =
        switch (expected) {
          case Value value -> found != null && Arrays.equals(value.bytes(), found);
          case Sha256 sha256 ->
              found != null && sha256.digest().equals(Digest.of(Digest.sha256().digest(found)));
          case Absent _ -> found == null;
        };
    return isRight
        ? Optional.empty()
        : Optional.of(miss(found == null ? "no entry" : shown(found)));
  }

  /** That something else was found, as a text says. */
  public GoldenMiss miss(String found) {
    return new GoldenMiss(
        shown(key),
        Step.cut(expected.toString(), GoldenMiss.MAX_CHARS),
        Step.cut(found, GoldenMiss.MAX_CHARS));
  }

  /** The key for a person. */
  public String shownKey() {
    return shown(key);
  }

  /** Bytes as a text in quotes, or as hex where they are none; cut where they are long. */
  private static String shown(byte[] bytes) {
    byte[] first = bytes.length > 4 * SHOWN_CHARS ? Arrays.copyOf(bytes, 4 * SHOWN_CHARS) : bytes;
    boolean isAll = first.length == bytes.length;
    String text = text(isAll ? bytes : first, isAll);
    boolean isCut = text.length() > SHOWN_CHARS || !isAll;
    return Step.cut(text, SHOWN_CHARS) + (isCut ? "... (" + bytes.length + " bytes)" : "");
  }

  private static String text(byte[] bytes, boolean isAll) {
    try {
      String text =
          isAll
              ? StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString()
              : new String(bytes, StandardCharsets.UTF_8);
      if (text.chars().noneMatch(Character::isISOControl)) {
        return "'" + text + "'";
      }
    } catch (CharacterCodingException e) {
      // Shown as hex.
    }
    return "0x" + HexFormat.of().formatHex(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GoldenKey that
        && Arrays.equals(key, that.key)
        && expected.equals(that.expected);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(key) + expected.hashCode();
  }

  @Override
  public String toString() {
    return shown(key) + ": " + expected;
  }
}
