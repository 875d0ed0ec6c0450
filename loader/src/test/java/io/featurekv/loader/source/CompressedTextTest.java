package io.featurekv.loader.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompressedTextTest {
  /** A frame to skip, one of {@code id,x} and three rows, one of 99,997 rows {@code 3,b}. */
  private static final byte[] ZSTD =
      Base64.getDecoder()
          .decode(
              "UCpNGAQAAAABAgMEKLUv/QRoiQAAaWQseAowLGEKMSxhCjIsYQqnLqpjKLUv/QRoZAAAIDMsYgoBAPn/8ksERAAAAA"
                  + "EA/f/yCwREAAAAAQD9/zkAAj0AAAABAHHaAyDkrTGu");

  private static final int ZSTD_ROWS = 100_000;

  @TempDir Path home;

  private Input input(String name, byte[] content) throws IOException {
    Path path = Files.write(home.resolve(name), content);
    return Inputs.find(List.of(path.toString()), Reading.PLAIN).getFirst();
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      bytes.writeBytes(part);
    }
    return bytes.toByteArray();
  }

  private static List<String> rows(Input input) throws IOException {
    return PartReading.rows(input, 1);
  }

  @Test
  void readsGzipAndZstdOfEveryTextFormat() throws IOException {
    assertThat(rows(input("a.csv.gz", gzip("id,x\n1,a\n"))))
        .containsExactly("2 [id=TEXT 1, x=TEXT a]");
    assertThat(rows(input("a.TSV.GZ", gzip("id\tx\n1\ta\n"))))
        .containsExactly("2 [id=TEXT 1, x=TEXT a]");
    assertThat(rows(input("a.jsonl.gz", gzip("{\"id\":1}\n")))).containsExactly("1 [id=WHOLE 1]");
    for (String name : List.of("a.csv.zst", "b.csv.zstd", "magic.csv")) {
      List<String> rows = rows(input(name, ZSTD));
      assertThat(rows).hasSize(ZSTD_ROWS);
      assertThat(rows).startsWith("2 [id=TEXT 0, x=TEXT a]");
      assertThat(rows).endsWith((ZSTD_ROWS + 1) + " [id=TEXT 3, x=TEXT b]");
    }
  }

  @Test
  void readsMembersOneAfterTheOtherAndZerosBehindThem() throws IOException {
    byte[] members = joined(gzip("id,x\n1,"), gzip(""), gzip("a\n2,b\n"), new byte[1000]);
    assertThat(rows(input("a.csv.gz", members)))
        .containsExactly("2 [id=TEXT 1, x=TEXT a]", "3 [id=TEXT 2, x=TEXT b]");
    // Extra field, name, comment and checksum of the header, as other writers put them.
    byte[] plain = gzip("id\n7\n");
    byte[] named =
        joined(
            new byte[] {0x1F, (byte) 0x8B, 8, 2 | 4 | 8 | 16, 1, 2, 3, 4, 0, 3},
            new byte[] {3, 0, 'x', 'y', 'z', 'n', 0, 'c', 'c', 0, 9, 9},
            Arrays.copyOfRange(plain, 10, plain.length));
    assertThat(rows(input("b.csv.gz", named))).containsExactly("2 [id=TEXT 7]");
  }

  @Test
  void readsCompressedStandardInput() throws IOException {
    Input input =
        Inputs.find(List.of("-"), Reading.stdin(Format.CSV, gzip("id,x\n1,a\n"))).getFirst();
    assertThat(rows(input)).containsExactly("2 [id=TEXT 1, x=TEXT a]");
  }

  @Test
  void readsAnEmptyFileAndOneThatIsShorterThanItsMagic() throws IOException {
    assertThat(rows(input("a.csv.gz", new byte[0]))).isEmpty();
    assertThat(rows(input("a.csv", new byte[] {'x'}))).isEmpty();
  }

  @Test
  void isReadInOnePartAndCountsCompressedBytes() throws IOException {
    Input input = input("a.csv.zst", ZSTD);
    assertThat(input.parts(0, 1)).containsExactly(new Part(0, 0, Part.END, ZSTD.length));
    try (RowSource source = input.open(input.parts(0, 1).getFirst())) {
      while (source.next()) {
        assertThat(source.bytesRead()).isBetween(1L, (long) ZSTD.length);
      }
      assertThat(source.bytesRead()).isEqualTo(ZSTD.length);
    }
  }

  @Test
  void refusesTextThatIsCutOffWhereverThatIs() throws IOException {
    byte[] gzip = joined(gzip("id,x\n1,a\n2,b\n"), gzip("3,c\n"));
    int firstMember = gzip("id,x\n1,a\n2,b\n").length;
    for (int length = 2; length < gzip.length; length++) {
      if (length != firstMember) {
        assertRefused(input("a.csv.gz", Arrays.copyOf(gzip, length)), "a.csv.gz", "GZIP");
      }
    }
    int skipped = 12;
    int secondFrame = 42;
    for (int length = skipped + 1; length < ZSTD.length; length++) {
      if (length != secondFrame) {
        assertRefused(input("a.csv.zst", Arrays.copyOf(ZSTD, length)), "a.csv.zst", "ZSTD");
      }
    }
  }

  private static void assertRefused(Input input, String name, String what) {
    assertThatThrownBy(() -> rows(input))
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(name + " cannot be read beyond ")
        .hasMessageContaining("it is not whole " + what);
  }

  @Test
  void neverGivesOtherRowsWhereBitsAreFlipped() throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    StringBuilder csv = new StringBuilder("id,x\n");
    for (int i = 0; i < 200; i++) {
      csv.append(i).append(",\"").append(Long.toHexString(random.nextLong())).append("\"\n");
    }
    byte[] sound = joined(gzip(csv.toString()), gzip("200,z\n"));
    List<String> expected = rows(input("a.csv.gz", sound));
    List<String> outcomes = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      byte[] damaged = sound.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        assertThat(rows(input("a.csv.gz", damaged))).as("seed %d", seed).isEqualTo(expected);
      } catch (FeatureKvException e) {
        outcomes.add(String.valueOf(e.getMessage()));
      }
    }
    assertThat(outcomes).as("seed %d", seed).hasSizeGreaterThan(200);
  }

  @Test
  void refusesWhatStandsBehindTheLastMember() throws IOException {
    byte[] more = joined(gzip("id\n1\n"), "id\n2\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> rows(input("a.csv.gz", more)))
        .hasMessageContaining("there is something that is not gzip");
    byte[] behindZeros = joined(gzip("id\n1\n"), new byte[3], gzip("2\n"));
    assertThatThrownBy(() -> rows(input("b.csv.gz", behindZeros)))
        .hasMessageContaining("behind the zeros");
  }

  @Test
  void refusesPlainTextThatIsNamedAsCompressed() throws IOException {
    Input input = input("a.csv.gz", "id\n1\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> rows(input))
        .hasMessageContaining("a.csv.gz does not begin as GZIP does, as its name says");
  }
}
