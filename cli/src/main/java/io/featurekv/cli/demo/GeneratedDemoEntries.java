package io.featurekv.cli.demo;

import io.featurekv.loader.GeneratedEntries;
import io.featurekv.loader.InputSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Generated entries whose values differ from version to version; the increment replaces the first
 * tenth.
 */
record GeneratedDemoEntries(long count) implements DemoEntries {
  private static final int VALUE_BYTES = 100;

  private long replaced() {
    return Math.max(1, count / 10);
  }

  @Override
  public byte[] key(long entry) {
    return GeneratedEntries.keyBytes(entry);
  }

  @Override
  public boolean isValue(long version, long entry, byte[] value) {
    long writtenBy = version == INCREMENT && entry >= replaced() ? SECOND : version;
    GeneratedEntries set = new GeneratedEntries(count, VALUE_BYTES, OptionalLong.of(writtenBy));
    return Arrays.equals(set.value(entry), value);
  }

  @Override
  public InputSpec input(long version) {
    long entries = version == INCREMENT ? replaced() : count;
    String address =
        GeneratedEntries.SCHEME + entries + "?valueBytes=" + VALUE_BYTES + "&version=" + version;
    return new InputSpec(
        List.of(address), "auto", List.of(), ":", "utf8", "", "utf8", Map.of(), "", "", false);
  }
}
