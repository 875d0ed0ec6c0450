package io.featurekv.node.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ShardFileId;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileKeyTest {
  private static final ShardFileId ID = new ShardFileId("prices", 7, 3);

  @Test
  void referencesSurviveTheirEncoding() {
    for (FileKey key : List.of(FileKey.own(ID), FileKey.merged(ID))) {
      assertThat(FileRef.decode(FileRef.encode(key))).isEqualTo(key);
      PieceRequest request = new PieceRequest(key, 5);
      assertThat(PieceRequest.decode(request.encode())).isEqualTo(request);
    }
  }

  @Test
  void refusesAReferenceThatIsNeither() {
    ByteBuffer bytes = FileRef.encode(FileKey.merged(ID));
    bytes.put(Long.BYTES + Integer.BYTES, (byte) 2);
    assertThatThrownBy(() -> FileRef.decode(bytes)).isInstanceOf(FeatureKvException.class);
  }

  @Test
  void namesSayWhichFileItIs() {
    assertThat(FileKey.own(ID).fileName()).isEqualTo("3.mdb");
    assertThat(FileKey.merged(ID).fileName()).isEqualTo("3.merged.mdb");
    for (String end : List.of(".mdb", ".pieces", ".part", ".pieces.tmp", ".mdb.0-1.building")) {
      assertThat(FileKey.parse("prices", "7", "3" + end)).isEqualTo(FileKey.own(ID));
      assertThat(FileKey.parse("prices", "7", "3.merged" + end)).isEqualTo(FileKey.merged(ID));
    }
    assertThatThrownBy(() -> FileKey.parse("prices", "7", "x.mdb"))
        .isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> FileKey.parse("prices", "7", "3"))
        .isInstanceOf(RuntimeException.class);
  }
}
