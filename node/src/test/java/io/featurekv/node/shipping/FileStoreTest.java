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
import java.nio.file.attribute.PosixFilePermissions;
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
  @TempDir Path builds;
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
  void takesABuildersFileByASecondNameOnceItsPiecesAreProved() throws IOException {
    Path built = build(content);
    FileStore store = open();
    store.receive(ID, pieces);
    store.link(ID, built);
    IncomingFile linked = store.incoming(ID).orElseThrow();
    assertThat(linked.missing()).hasSize(3);
    assertThatThrownBy(() -> store.publish(ID)).hasMessageContaining("have not arrived");
    assertThatThrownBy(() -> store(linked, 0)).hasMessageContaining("was linked");
    for (int piece : new int[] {2, 0, 1}) {
      linked.prove(piece);
    }
    StoredFile file = store.publish(ID);
    assertThat(Files.isSameFile(file.path(), built)).isTrue();
    Files.delete(built);
    assertThat(Files.readAllBytes(file.path())).isEqualTo(content);
    StoredFile again = open().find(ID).orElseThrow();
    assertThat(again.digest()).isEqualTo(pieces.digest());
    assertThat(again.crcs()).containsExactly(crc(0), crc(1), crc(2));
  }

  @Test
  void provesEveryByteOfALink() throws IOException {
    byte[] other = content.clone();
    other[PieceList.PIECE_BYTES + 17] ^= 1;
    FileStore store = open();
    store.receive(ID, pieces);
    store.link(ID, build(other));
    IncomingFile linked = store.incoming(ID).orElseThrow();
    linked.prove(0);
    assertThatThrownBy(() -> linked.prove(1)).hasMessageContaining("piece 1 of");
    linked.prove(2);
    assertThatThrownBy(() -> store.publish(ID)).hasMessageContaining("1 pieces of");
    store.unlink(ID);
    assertThat(store.incoming(ID)).isEmpty();
    assertThat(store.receive(ID, pieces).isLink()).isFalse();
  }

  @Test
  void linksNothingThatAnotherNodeHasOrThatIsNoSuchFile() throws IOException {
    Path built = build(content);
    FileStore store = open();
    assertThatThrownBy(() -> store.link(ID, built)).hasMessageContaining("was not offered");
    store.receive(ID, pieces);
    Path other = Files.createSymbolicLink(builds.resolve("3.mdb"), built);
    Path writable = build(content);
    Files.setPosixFilePermissions(writable, PosixFilePermissions.fromString("rw-r--r--"));
    for (Path refused : List.of(other, writable, build(new byte[7]))) {
      store.receive(ID, pieces);
      assertThatThrownBy(() -> store.link(ID, refused))
          .hasMessageContaining("is not linked: expected a sealed file of " + content.length);
    }
    store.receive(ID, pieces);
    assertThatThrownBy(() -> store.link(ID, builds.resolve("none/3.mdb")))
        .hasMessageContaining("cannot be linked");
    store.receive(ID, pieces);
    assertThatThrownBy(() -> store.link(ID, builds.resolve("4.mdb")))
        .hasMessageContaining("no builder names it 4.mdb");
    store.receive(ID, pieces);
    Files.createLink(builds.resolve("of-another-node"), built);
    assertThatThrownBy(() -> store.link(ID, built)).hasMessageContaining("no name but its builder");
    Files.delete(builds.resolve("of-another-node"));
    IncomingFile begun = store.receive(ID, pieces);
    store(begun, 0);
    assertThatThrownBy(() -> store.link(ID, built)).hasMessageContaining("are here already");
    assertThat(Files.getAttribute(built, "unix:nlink")).as("no name is left").isEqualTo(1);
  }

  @Test
  void goesOnWithALinkAndWritesToItNeither() throws IOException {
    Path built = build(content);
    FileStore store = open();
    store.receive(ID, pieces);
    store.link(ID, built);
    store.incoming(ID).orElseThrow().prove(1);
    IncomingFile again = store.receive(ID, pieces);
    assertThat(again.isLink()).isTrue();
    assertThat(again.missing()).containsExactly(0, 2);
    // The node was killed, or something else is offered: there is a part of its own then.
    IncomingFile sent = open().receive(ID, pieces);
    assertThat(sent.missing()).hasSize(3);
    assertThat(Files.getAttribute(built, "unix:nlink")).isEqualTo(1);
    store(sent, 0);
    assertThat(Files.readAllBytes(built)).isEqualTo(content);
  }

  private Path build(byte[] bytes) throws IOException {
    Path built = Files.createTempDirectory(builds, "build").resolve(ID.fileName());
    Files.write(built, bytes);
    return Files.setPosixFilePermissions(built, PosixFilePermissions.fromString("r--r--r--"));
  }

  private int crc(int piece) {
    return PiecesFile.checksum(bytes(piece));
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
    assertThat(store.takeProof(merged)).as("proved as it arrived").isTrue();
    assertThat(store.takeProof(merged)).as("looked at again").isFalse();
    FileStore again = open();
    assertThat(again.takeProof(ID)).as("what a disk held meanwhile is proved anew").isFalse();
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
