package io.featurekv.node.resp;

import java.util.concurrent.atomic.LongAdder;

/** What the port has counted since it was opened. Any thread. */
final class RespCounts {
  final LongAdder commands = new LongAdder();
  final LongAdder connections = new LongAdder();
  final LongAdder connectionsRefused = new LongAdder();
  final LongAdder errors = new LongAdder();
  final LongAdder hits = new LongAdder();
  final LongAdder misses = new LongAdder();
}
