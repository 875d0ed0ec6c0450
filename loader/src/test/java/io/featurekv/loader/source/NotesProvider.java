package io.featurekv.loader.source;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A source as others may add it: {@code notes:NAME} is a CSV file of one row, from memory. Found by
 * its line in {@code META-INF/services}.
 */
public final class NotesProvider implements InputProvider {
  @Override
  public Set<String> schemes() {
    return Set.of("notes");
  }

  @Override
  public List<Input> find(String address, ReadOptions options) {
    return List.of(Inputs.of(new Note(address), options));
  }

  private record Note(String name) implements Origin {
    private byte[] bytes() {
      return ("id,note\n1,this is " + name + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String fileName() {
      return "note.csv";
    }

    @Override
    public long lengthBytes() {
      return bytes().length;
    }

    @Override
    public String identity() {
      return name;
    }

    @Override
    public boolean isShared() {
      return true;
    }

    @Override
    public boolean isSeekable() {
      return true;
    }

    @Override
    public InputStream open(long from, long to) {
      return new ByteArrayInputStream(Arrays.copyOfRange(bytes(), (int) from, (int) to));
    }
  }
}
