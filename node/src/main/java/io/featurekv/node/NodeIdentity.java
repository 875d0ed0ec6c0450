package io.featurekv.node;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who a node is, as {@code node.json} keeps it; it never changes but for the incarnation.
 *
 * @param clusterId UUID text
 * @param incarnation see {@link io.featurekv.metadata.NodeRecord#incarnation()}
 * @param founder whether this node began the cluster
 */
record NodeIdentity(
    String clusterId, String nodeId, String sect, int incarnation, boolean founder) {
  NodeIdentity {
    TableName.checked("node id", nodeId);
    TableName.checked("sect", sect);
  }

  static Optional<NodeIdentity> read(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      String json = Files.readString(file);
      return Optional.of(
          new NodeIdentity(
              text(file, json, "clusterId"),
              text(file, json, "nodeId"),
              text(file, json, "sect"),
              Integer.parseInt(field(file, json, "incarnation", "(\\d+)")),
              Boolean.parseBoolean(field(file, json, "founder", "(true|false)"))));
    } catch (IOException e) {
      throw new FeatureKvException(ErrorCode.INTERNAL, file + " cannot be read: " + e, e);
    }
  }

  void write(Path file) {
    String json =
        """
        {"clusterId":"%s","nodeId":"%s","sect":"%s","incarnation":%d,"founder":%b}
        """
            .formatted(clusterId, nodeId, sect, incarnation, founder);
    try {
      DurableFile.write(file, ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new FeatureKvException(ErrorCode.INTERNAL, file + " cannot be written: " + e, e);
    }
  }

  NodeIdentity nextIncarnation() {
    return new NodeIdentity(clusterId, nodeId, sect, incarnation + 1, false);
  }

  private static String text(Path file, String json, String name) {
    return field(file, json, name, "\"([A-Za-z0-9_.-]+)\"");
  }

  private static String field(Path file, String json, String name, String value) {
    Matcher matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*" + value).matcher(json);
    if (!matcher.find()) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT, file + " has no valid field '" + name + "': " + json.strip());
    }
    return matcher.group(1);
  }
}
