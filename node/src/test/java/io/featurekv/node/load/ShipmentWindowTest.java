package io.featurekv.node.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShipmentWindowTest {
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "24, 1, 1", "48, 2, 1", "96, 2, 2", "144, 2, 3", "100000, 2, 3"})
  void whatIsUnderWayFitsIntoTheHeap(long heapMib, int files, int pieces) {
    assertThat(ShipmentWindow.of(heapMib << 20)).isEqualTo(new ShipmentWindow(files, pieces));
  }
}
