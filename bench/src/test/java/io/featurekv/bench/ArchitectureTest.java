package io.featurekv.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the benchmark may know: the product's storage module, and each peer in its own package. */
class ArchitectureTest {
  private static JavaClasses bench;

  @BeforeAll
  static void importBench() {
    bench =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.featurekv.bench");
    assertThat(bench.stream().map(JavaClass::getPackageName).distinct())
        .contains("io.featurekv.bench", "io.featurekv.bench.engine", "io.featurekv.bench.peer");
  }

  @Test
  void usesOnlyModelAndStorageOfTheProductButToAdministerANodeAndToReadInput() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.featurekv.bench.server..", "io.featurekv.bench.input..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.featurekv.protocol..",
            "io.featurekv.client..",
            "io.featurekv.metadata..",
            "io.featurekv.loader..",
            "io.featurekv.node..",
            "io.featurekv.cli..")
        .check(bench);
  }

  @Test
  void inputIsReadByTheLoaderAlone() {
    noClasses()
        .that()
        .resideInAPackage("io.featurekv.bench.input..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.featurekv.protocol..",
            "io.featurekv.client..",
            "io.featurekv.metadata..",
            "io.featurekv.node..",
            "io.featurekv.cli..")
        .check(bench);
  }

  @Test
  void peersAreKnownInTheirPackageOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.featurekv.bench.peer..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.lmdbjava..", "org.rocksdb..", "com.spotify..", "net.openhft..", "picocli..")
        .check(bench);
  }

  @Test
  void dataReportsAndDisksKnowNoStore() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.featurekv.bench.data..", "io.featurekv.bench.report..", "io.featurekv.bench.cold..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.featurekv.bench.engine..", "io.featurekv.bench.peer..")
        .check(bench);
  }
}
