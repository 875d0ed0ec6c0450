package io.featurekv.node.server;

import java.util.function.LongSupplier;

/** What the server tells of its node in HELLO_OK. */
public record ServerIdentity(
    String clusterId, String nodeId, String sect, LongSupplier metadataIndex) {}
