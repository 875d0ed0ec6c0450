package io.featurekv.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OpenRequestsTest {
  private static OpenRequest request() {
    return new OpenRequest.Call(new CompletableFuture<>(), false);
  }

  private static OpenRequest added(OpenRequests open, ConnectionHandler handler) {
    OpenRequest request = request();
    request.openIn(handler, open.add(request), 0);
    return request;
  }

  @Test
  void findsWhatIsOpenAndNothingThatWas() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    OpenRequests open = new OpenRequests();
    Map<Integer, OpenRequest> expected = new HashMap<>();
    List<Integer> over = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      if (expected.isEmpty() || (random.nextInt(5) > 1 && expected.size() < 1_000)) {
        OpenRequest request = added(open, null);
        assertThat(expected.put(request.requestId, request)).isNull();
      } else {
        Integer id = expected.keySet().iterator().next();
        OpenRequest request = expected.remove(id);
        assertThat(open.remove(request)).isTrue();
        assertThat(open.remove(request)).isFalse();
        over.add(id);
      }
    }
    expected.forEach((id, request) -> assertThat(open.get(id)).isSameAs(request));
    over.forEach(id -> assertThat(open.get(id)).isNull());
    assertThat(open.get(OpenRequests.NOBODY)).isNull();
    assertThat(open.get(-1)).isNull();
    assertThat(open.remove(request())).isFalse();
    assertThat(open.removeAll()).containsExactlyInAnyOrderElementsOf(expected.values());
    assertThat(open.removeAll()).isEmpty();
  }

  @Test
  void saysWhenItIsFull() {
    OpenRequests open = new OpenRequests();
    List<OpenRequest> all = new ArrayList<>();
    while (!open.isFull()) {
      all.add(added(open, null));
    }
    assertThat(all).hasSizeGreaterThan(Connection.MAX_OPEN_REQUESTS);
    assertThat(open.remove(all.get(7))).isTrue();
    assertThat(open.isFull()).isFalse();
    assertThat(added(open, null).requestId).isNotEqualTo(all.get(7).requestId);
    assertThat(open.isFull()).isTrue();
  }
}
