package io.featurekv.chaos.soak;

import java.util.List;

/**
 * The network between the servers of a cluster, whose directions can be dropped one by one. Servers
 * are named by index.
 */
sealed interface Wires extends Layout.Ground
    permits NamespacedLayout.Bridged, ProxiedLayout.Proxied {
  /** The name of everybody who is no server of the cluster: its clients. */
  int OUTSIDE = -1;

  /** What the one sends to the other does not arrive from now on; nobody is told. */
  void drop(int from, int to);

  /** It arrives again. */
  void pass(int from, int to);

  /** Everything arrives again. */
  @Override
  void heal();

  /** Drops both ways between one and each of the others. */
  default void separate(int one, List<Integer> others) {
    for (int other : others) {
      drop(one, other);
      drop(other, one);
    }
  }

  /** The wires of a cluster whose layout has some. */
  static Wires of(Harm harm) {
    return (Wires) harm.cluster().ground();
  }

  /** Namespaces where this machine can have them, else proxies. */
  static Layout layout() {
    Layout namespaces = new NamespacedLayout();
    return namespaces.missing().isEmpty() ? namespaces : new ProxiedLayout();
  }
}
