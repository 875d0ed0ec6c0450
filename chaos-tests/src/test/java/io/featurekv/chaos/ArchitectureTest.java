package io.featurekv.chaos;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may import whom, and which engine is known where. */
class ArchitectureTest {
  private static final String CLIENT_MODEL = "io.featurekv.model..";
  private static final String PROTOCOL = "io.featurekv.protocol..";
  private static final String CLIENT = "io.featurekv.client..";
  private static final String FAILPOINT = "io.featurekv.failpoint..";
  private static final String STORAGE = "io.featurekv.storage..";
  private static final String METADATA = "io.featurekv.metadata..";
  private static final String LOADER = "io.featurekv.loader..";
  private static final String NODE = "io.featurekv.node..";
  private static final String CLI = "io.featurekv.cli..";

  private static JavaClasses product;

  @BeforeAll
  static void importProduct() {
    product =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.featurekv");
    assertThat(product.stream().map(JavaClass::getPackageName).distinct())
        .contains(
            "io.featurekv.model",
            "io.featurekv.storage",
            "io.featurekv.metadata.raft",
            "io.featurekv.loader",
            "io.featurekv.node",
            "io.featurekv.cli");
  }

  private static void check(ArchRule rule) {
    rule.check(product);
  }

  private static void mayUse(String module, String... allowed) {
    List<String> all =
        List.of(CLIENT_MODEL, PROTOCOL, CLIENT, FAILPOINT, STORAGE, METADATA, LOADER, NODE, CLI);
    String[] forbidden =
        all.stream()
            .filter(other -> !other.equals(module) && !List.of(allowed).contains(other))
            .toArray(String[]::new);
    check(
        noClasses()
            .that()
            .resideInAPackage(module)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(forbidden));
  }

  @Test
  void modulesKeepTheirDirections() {
    mayUse(CLIENT_MODEL);
    mayUse(PROTOCOL, CLIENT_MODEL);
    mayUse(CLIENT, CLIENT_MODEL, PROTOCOL);
    mayUse(FAILPOINT, CLIENT_MODEL);
    mayUse(STORAGE, CLIENT_MODEL, FAILPOINT);
    mayUse(METADATA, CLIENT_MODEL, FAILPOINT);
    mayUse(LOADER, CLIENT_MODEL, FAILPOINT, STORAGE);
    mayUse(NODE, CLIENT_MODEL, PROTOCOL, CLIENT, FAILPOINT, STORAGE, METADATA, LOADER);
  }

  private static void onlyIn(String engine, String... homes) {
    check(
        classes()
            .that()
            .resideInAPackage("io.featurekv..")
            .and()
            .resideOutsideOfPackages(homes)
            .should()
            .onlyDependOnClassesThat()
            .resideOutsideOfPackage(engine));
  }

  @Test
  void enginesAreKnownInOnePlaceEach() {
    onlyIn("org.apache.ratis..", "io.featurekv.metadata.raft..");
    onlyIn("org.lmdbjava..", STORAGE);
    onlyIn("com.github.luben..", STORAGE);
    onlyIn("io.netty..", "io.featurekv.client.transport..", NODE);
    onlyIn("picocli..", CLI);
    onlyIn("dev.hardwood..", LOADER);
    onlyIn("de.siegmar..", LOADER);
    onlyIn("io.prometheus..", "io.featurekv.node.http..");
    onlyIn("org.snakeyaml..", CLI);
    onlyIn("org.HdrHistogram..", "io.featurekv.cli.bench..");
  }

  @Test
  void controlPlaneAndDataPlaneShareNothing() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.featurekv.node.serving..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(METADATA));
  }

  @Test
  void noPackageIsNamedAfterNothing() {
    check(
        noClasses()
            .should()
            .resideInAnyPackage("..util..", "..common..", "..helper..", "..impl..", "..manager.."));
    check(
        noClasses()
            .should()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Impl"));
  }

  @Test
  void modulesOfTheNodeDoNotDependOnEachOtherInCircles() {
    slices()
        .matching("io.featurekv.(storage|metadata|loader|cli)..")
        .should()
        .beFreeOfCycles()
        .check(product);
  }
}
