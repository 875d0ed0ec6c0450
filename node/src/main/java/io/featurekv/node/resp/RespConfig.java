package io.featurekv.node.resp;

import io.featurekv.model.Endpoint;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How the port for clients of Redis runs.
 *
 * @param passwordFile its first line is the password; null: none is asked for
 */
public record RespConfig(Endpoint listen, RespDatabases databases, @Nullable Path passwordFile) {}
