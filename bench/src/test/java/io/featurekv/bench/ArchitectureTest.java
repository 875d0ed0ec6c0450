package io.featurekv.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;

/** What the benchmark may know: the product's storage module, and each peer in its own package. */
@AnalyzeClasses(
    packages = "io.featurekv.bench",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  void usesOnlyModelAndStorageOfTheProduct(JavaClasses bench) {
    noClasses()
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

  @ArchTest
  void peersAreKnownInTheirPackageOnly(JavaClasses bench) {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.featurekv.bench.peer..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.lmdbjava..", "org.rocksdb..", "com.spotify..", "net.openhft..", "picocli..")
        .check(bench);
  }

  @ArchTest
  void reportsAndDataKnowNoStore(JavaClasses bench) {
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
