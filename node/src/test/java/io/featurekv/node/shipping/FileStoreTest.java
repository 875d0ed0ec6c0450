package io.featurekv.node.shipping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.model.PieceList;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.wire.FileKey;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardFileSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest {
  private static final FileKey ID = FileKey.own(new ShardFileId("prices", 7, 3));

  @TempDir Path tables;
  private final byte[] content = new byte[PieceList.PIECE_BYTES * 2 + 1234];
  private PieceList pieces;

  @BeforeEach
  void fill() {
    new Random(42).nextBytes(content);
    List<Digest> digests = new ArrayList<>();
    for (int piece = 0; piece < PieceList.pieceCount(content.length); piece++) {
      var sha256 = Digest.sha256();
      sha256.update(bytes(piece));
      digests.add(Digest.of(sha256.digest()));
    }
    pieces = new PieceList(content.length, digests);
  }

  private ByteBuffer bytes(int piece) {
    int offset = (int) PieceList.offsetOf(piece);
    return ByteBuffer.wrap(
        content, offset, Math.min(PieceList.PIECE_BYTES, content.length - offset));
  }

  private void store(IncomingFile incoming, int piece) throws IOException {
    incoming.store(piece, PiecesFile.checksum(bytes(piece)), bytes(piece));
  }

  private FileStore open() {
    return new FileStore(tables, 0);
  }

  @Test
  void publishesAFileWhosePiecesArrivedInAnyOrder() throws IOException {
    FileStore store = open();
    IncomingFile incoming = store.receive(ID, pieces);
    for (int piece : new int[] {2, 0, 1}) {
      assertThatThrownBy(() -> store.publish(ID)).hasMessageContaining("have not arrived");
      store(incoming, piece);
    }
    StoredFile file = store.publish(ID);
    assertThat(Files.readAllBytes(file.path())).isEqualTo(content);
    assertThat(file.path()).isEqualTo(tables.resolve("prices/7/3.mdb"));
    assertThat(Files.getPosixFilePermissions(file.path()).toString()).doesNotContain("WRITE");
    assertThat(open().find(ID).orElseThrow().digest()).isEqualTo(pieces.digest());
  }

  @Test
  void mergedFileLivesBesideTheOwnOneAndIsFoundAgain() throws IOException {
    FileKey merged = FileKey.merged(ID.id());
    FileStore store = open();
    for (FileKey key : List.of(ID, merged)) {
      IncomingFile incoming = store.receive(key, pieces);
      for (int piece : new int[] {0, 1, 2}) {
        store(incoming, piece);
      }
      store.publish(key);
    }
    assertThat(tables.resolve("prices/7/3.merged.mdb")).exists();
    assertThat(tables.resolve("prices/7/3.merged.pieces")).exists();
    FileStore again = open();
    assertThat(again.all().stream().map(StoredFile::key)).containsExactlyInAnyOrder(ID, merged);
    again.delete(ID);
    assertThat(again.find(merged)).isPresent();
    assertThat(tables.resolve("prices/7/3.merged.mdb")).exists();
  }

  @Test
  void fileThatWasBuiltHereIsAdoptedAndOneThatACrashLeftIsTakenStockOf() throws IOException {
    FileKey merged = FileKey.merged(ID.id());
    FileStore store = open();
    Files.write(store.prepare(merged, content.length), content);
    assertThat(open().find(merged).orElseThrow().digest()).isEqualTo(pieces.digest());
    SealedShardFile built = built(store.pathOf(merged), List.of());
    StoredFile adopted = store.adopt(merged, built);
    assertThat(store.find(merged)).contains(adopted);
    int[] crcs = PiecesFile.checksums(built.path(), pieces);
    assertThat(adopted.crcs()).isEqualTo(crcs);
    assertThat(crcs[1]).isEqualTo(PiecesFile.checksum(bytes(1)));
    List<Integer> ofWriter = Arrays.stream(crcs).boxed().toList();
    assertThat(store.adopt(merged, built(built.path(), ofWriter)).crcs()).isEqualTo(crcs);
    Files.writeString(tables.resolve("prices/7/3.merged.mdb.1-2.building"), "half");
    store.removeStrays(key -> true);
    assertThat(tables.resolve("prices/7/3.merged.mdb.1-2.building")).doesNotExist();
    assertThat(tables.resolve("prices/7/3.merged.mdb")).exists();
  }

  private SealedShardFile built(Path path, List<Integer> crcs) {
    return new SealedShardFile(
        new ShardFileSpec(ID.id(), 4, TableKind.MEM, UpdateMode.FULL),
        path,
        new FileManifest(pieces.lengthBytes(), pieces.digest(), 1, 0),
        pieces,
        crcs);
  }

  @Test
  void resumesAtPieceGranularityAfterARestart() throws IOException {
    FileStore first = open();
    IncomingFile incoming = first.receive(ID, pieces);
    store(incoming, 0);
    store(incoming, 2);
    incoming.close();
    assertThat(open().receive(ID, pieces).missing()).containsExactly(1);
  }

  @Test
  void pieceThatWasTornByACrashIsAskedForAgain() throws IOException {
    IncomingFile incoming = open().receive(ID, pieces);
    store(incoming, 0);
    store(incoming, 1);
    incoming.close();
    Path part = tables.resolve("prices/7/3.part");
    byte[] torn = Files.readAllBytes(part);
    torn[PieceList.PIECE_BYTES + 5] ^= 1;
    Files.write(part, torn);
    assertThat(open().receive(ID, pieces).missing()).containsExactly(1, 2);
  }

  @Test
  void refusesAPieceWithAFlippedByteAndNamesBothChecksums() {
    IncomingFile incoming = open().receive(ID, pieces);
    int crc = PiecesFile.checksum(bytes(1));
    byte[] flipped = new byte[bytes(1).remaining()];
    bytes(1).get(flipped);
    flipped[77] ^= 4;
    assertThatThrownBy(() -> incoming.store(1, crc, ByteBuffer.wrap(flipped)))
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT);
              assertThat(e)
                  .hasMessageContaining("piece 1 of prices/7/3")
                  .hasMessageContaining("expected");
            });
    assertThatThrownBy(
            () ->
                incoming.store(
                    1, PiecesFile.checksum(ByteBuffer.wrap(flipped)), ByteBuffer.wrap(flipped)))
        .hasMessageContaining("SHA-256 expected");
    assertThat(incoming.missing()).containsExactly(0, 1, 2);
  }

  @Test
  void refusesAFileThatWouldLeaveTooLittleRoom() {
    FileStore store = new FileStore(tables, 1.0);
    assertThatThrownBy(() -> store.receive(ID, pieces))
        .isInstanceOfSatisfying(
            FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NO_SPACE))
        .hasMessageContaining("--min-free-disk");
    assertThat(store.allIncoming()).isEmpty();
  }

  @Test
  void removesWhatNothingRefersTo() throws IOException {
    Path version = Files.createDirectories(tables.resolve("prices/7"));
    Files.writeString(version.resolve("3.part"), "half");
    Files.writeString(version.resolve("4.part"), "wanted");
    Files.writeString(version.resolve("5.pieces"), "alone");
    Files.writeString(version.resolve("6.mdb.tmp"), "torn");
    Files.createDirectories(tables.resolve("dropped/1"));
    open().removeStrays(key -> key.id().shard() == 4);
    try (var left = Files.walk(tables)) {
      assertThat(left.filter(Files::isRegularFile).map(p -> p.getFileName().toString()))
          .containsExactly("4.part");
    }
    assertThat(tables.resolve("dropped")).doesNotExist();
  }

  @Test
  void listOfPiecesThatIsLostOrDamagedIsMadeAnewAndTheFileIsKept() throws IOException {
    FileStore store = open();
    IncomingFile incoming = store.receive(ID, pieces);
    for (int piece = 0; piece < 3; piece++) {
      store(incoming, piece);
    }
    StoredFile file = store.publish(ID);
    Path list = tables.resolve("prices/7/3.pieces");
    byte[] damaged = Files.readAllBytes(list);
    damaged[20] ^= 1;
    Files.write(list, damaged);
    FileStore again = open();
    assertThat(again.find(ID).orElseThrow().digest()).isEqualTo(pieces.digest());
    assertThat(again.find(ID).orElseThrow().crcs()).isEqualTo(file.crcs());
    Files.delete(list);
    assertThat(open().find(ID).orElseThrow().digest()).isEqualTo(pieces.digest());
    assertThat(Files.readAllBytes(file.path())).isEqualTo(content);
  }
}
