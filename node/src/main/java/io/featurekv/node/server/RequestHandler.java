package io.featurekv.node.server;

/** Answers one type of message: in place, or through an {@link Exchange}. */
public sealed interface RequestHandler permits MessageHandler, InPlaceHandler {}
