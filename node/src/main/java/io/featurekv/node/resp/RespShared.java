package io.featurekv.node.resp;

import io.featurekv.node.server.Admission;
import io.featurekv.node.serving.BatchReads;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What all connections of the port have in common. */
record RespShared(
    BatchReads reads,
    Admission admission,
    RespDatabases databases,
    @Nullable Password password,
    RespCounts counts,
    ServerInfo info,
    CommandTable commands,
    AtomicLong nextSessionId) {
  Session newSession() {
    return new Session(nextSessionId.incrementAndGet(), databases, password == null);
  }
}
