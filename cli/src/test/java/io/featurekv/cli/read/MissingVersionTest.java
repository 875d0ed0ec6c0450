package io.featurekv.cli.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.cli.view.SampleCluster;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MissingVersionTest {
  @ParameterizedTest
  @CsvSource({
    "BUILDING, NOT_FOUND",
    "LOADING, NOT_FOUND",
    "FAILED, NOT_FOUND",
    "DROPPED, SNAPSHOT_GONE",
    "RETAINED, SNAPSHOT_GONE"
  })
  void isGoneOnlyIfItCouldBeRead(VersionState state, ErrorCode code) {
    FeatureKvException gone = new FeatureKvException(ErrorCode.SNAPSHOT_GONE, "gone");
    assertThat(MissingVersion.explain(SampleCluster.table(state), 7, gone).code()).isEqualTo(code);
    assertThat(MissingVersion.explain(SampleCluster.table(state), 6, gone)).isSameAs(gone);
    assertThat(MissingVersion.explain(null, 7, gone)).isSameAs(gone);
  }
}
