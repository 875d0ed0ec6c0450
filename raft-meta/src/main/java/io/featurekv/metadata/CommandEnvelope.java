package io.featurekv.metadata;

/**
 * A command on its way into the log.
 *
 * @param operationId a UUIDv7 unless the caller brings its own; the same id with the same command
 *     takes effect once
 * @param issuedAtMillis the clock of whoever proposed it; the only time that applying it sees
 */
public record CommandEnvelope(String operationId, long issuedAtMillis, Command command) {}
