package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;

class NativeLibrariesTest {
  @Test
  void pointsEveryLibraryAtOneDirectoryOfTheUser() throws Exception {
    assertThat(NativeLibraries.prepare()).isTrue();
    String directory = System.getProperty("lmdbjava.extract.dir");
    assertThat(System.getProperty("jffi.extract.dir")).isEqualTo(directory);
    assertThat(System.getProperty("ZstdTempFolder")).isEqualTo(directory);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(directory))))
        .isEqualTo("rwx------");
  }
}
