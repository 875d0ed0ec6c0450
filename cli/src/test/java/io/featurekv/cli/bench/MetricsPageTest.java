package io.featurekv.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsPageTest {
  @Test
  void readsFiguresWithAndWithoutLabels() {
    MetricsPage page =
        MetricsPage.parse(
            List.of(
                "# HELP process_cpu_seconds_total CPU 1",
                "process_cpu_seconds_total 1.25",
                "process_resident_anon_bytes 1.048576E8",
                "featurekv_free_disk_bytes{directory=\"/a b\"} 12.0",
                "nonsense"));
    assertThat(page.get("process_cpu_seconds_total")).isEqualTo(1.25);
    assertThat(page.get("process_resident_anon_bytes")).isEqualTo(104_857_600);
    assertThat(page.values()).containsEntry("featurekv_free_disk_bytes{directory=\"/a b\"}", 12.0);
    assertThat(page.get("process_written_bytes_total")).isNaN();
  }
}
