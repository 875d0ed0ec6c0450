package io.featurekv.loader;

import io.featurekv.loader.source.Input;
import io.featurekv.loader.source.Part;
import io.featurekv.loader.source.RowSource;
import java.util.ArrayList;
import java.util.List;

/** {@link GeneratedEntries} as an input, divided by entries. */
final class GeneratedInput implements Input {
  private final String address;
  private final GeneratedEntries entries;

  GeneratedInput(String address) {
    this.address = address;
    this.entries = GeneratedEntries.parse(address);
  }

  @Override
  public String name() {
    return address;
  }

  @Override
  public long lengthBytes() {
    return entries.entries() * entries.rowBytes();
  }

  @Override
  public String identity() {
    return address;
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public List<Part> parts(int input, long targetBytes) {
    long perPart = Math.max(1, targetBytes / entries.rowBytes());
    List<Part> parts = new ArrayList<>();
    long from = 0;
    do {
      long to = entries.entries() - from <= perPart ? entries.entries() : from + perPart;
      parts.add(new Part(input, from, to, (to - from) * entries.rowBytes()));
      from = to;
    } while (from < entries.entries());
    return parts;
  }

  @Override
  public RowSource open(Part part) {
    return new GeneratedSource(address, entries, part);
  }
}
