package io.featurekv.node.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class VersionTallyTest {
  @Test
  void countsWhatFailsByNoFaultOfTheReader() {
    VersionTally tally = new VersionTally();
    for (ErrorCode code : ErrorCode.values()) {
      tally.failed(3, code);
    }
    List<ErrorCode> counted =
        Arrays.stream(ErrorCode.values()).filter(VersionTally::isServersFault).toList();
    assertThat(counted)
        .contains(ErrorCode.INTERNAL, ErrorCode.CORRUPT, ErrorCode.DEADLINE, ErrorCode.UNAVAILABLE)
        .doesNotContain(
            ErrorCode.INVALID_ARGUMENT, ErrorCode.TRY_AGAIN, ErrorCode.VERSION_NOT_SERVED);
    assertThat(tally.errors()).isEqualTo(3L * counted.size());
    assertThat(tally.reads()).isEqualTo(tally.errors());
  }
}
