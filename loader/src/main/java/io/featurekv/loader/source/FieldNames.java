package io.featurekv.loader.source;

import io.featurekv.loader.row.Columns;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The lists of names that objects have had, as a tree: a node is the names from its root to it.
 * Rows that have the names of an earlier one walk down a path that is there, and make no object.
 * Not thread-safe.
 */
final class FieldNames {
  /** Bound on the nodes that are remembered; beyond it, all are forgotten. */
  private static final int MAX_NODES = 16 << 10;

  private Node root = new Node("", null);
  private int nodes;

  /** A list of names. */
  final class Node {
    private final String name;
    private final byte[] bytes;
    private final @Nullable Node parent;
    private @Nullable Map<String, Node> children;
    private final boolean repeats;
    private @Nullable Node likely;
    private @Nullable Node lessLikely;
    private @Nullable Columns columns;

    private Node(String name, @Nullable Node parent) {
      this.name = name;
      this.bytes = name.getBytes(StandardCharsets.UTF_8);
      this.parent = parent;
      this.repeats = parent != null && parent.has(name);
    }

    private boolean has(String wanted) {
      Node node = this;
      while (node.parent != null) {
        if (node.name.equals(wanted)) {
          return true;
        }
        node = node.parent;
      }
      return false;
    }

    /** This list and one more name, given as UTF-8. */
    Node with(byte[] array, int offset, int length) {
      Node guess = likely;
      if (guess != null && guess.isNamed(array, offset, length)) {
        return guess;
      }
      Node other = lessLikely;
      if (other != null && other.isNamed(array, offset, length)) {
        return other;
      }
      return with(new String(array, offset, length, StandardCharsets.UTF_8));
    }

    /** This list and one more name. */
    Node with(String added) {
      Map<String, Node> known = children;
      if (known == null) {
        known = new HashMap<>();
        children = known;
      }
      Node child = known.get(added);
      if (child == null) {
        child = new Node(added, this);
        known.put(added, child);
        nodes++;
      }
      lessLikely = likely;
      likely = child;
      return child;
    }

    private boolean isNamed(byte[] array, int offset, int length) {
      return Arrays.equals(array, offset, offset + length, bytes, 0, bytes.length);
    }

    /** Whether its last name is among those before it. */
    boolean repeats() {
      return repeats;
    }

    /**
     * The names as columns, the same each time.
     *
     * @throws IllegalArgumentException as {@link Columns#of}
     */
    Columns columns() {
      Columns made = columns;
      if (made == null) {
        made = Columns.of(names());
        columns = made;
      }
      return made;
    }

    private List<String> names() {
      Deque<String> names = new ArrayDeque<>();
      for (Node node = this; node.parent != null; node = node.parent) {
        names.addFirst(node.name);
      }
      return List.copyOf(names);
    }
  }

  /** The list of no names. */
  Node none() {
    if (nodes > MAX_NODES) {
      root = new Node("", null);
      nodes = 0;
    }
    return root;
  }
}
