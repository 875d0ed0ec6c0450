package io.featurekv.node.resp;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A command of RESP.
 *
 * @param arity how many arguments it has, its name included; negative: so many or more
 * @param flags as COMMAND tells them
 * @param keys where its keys are: first, last (-1: the last argument), step; zeros without keys
 */
record Command(
    String name,
    int arity,
    Set<String> flags,
    List<Integer> keys,
    String group,
    String summary,
    Consumer<Call> handler) {
  /** May be called before AUTH. */
  static final String NO_AUTH = "no_auth";

  /** Takes effect between MULTI and EXEC at once. */
  static final String NO_MULTI = "no_multi";

  static final String READS = "readonly";

  Command {
    flags = Set.copyOf(flags);
    keys = List.copyOf(keys);
  }

  boolean takes(int arguments) {
    return arity >= 0 ? arguments == arity : arguments >= -arity;
  }

  boolean is(String flag) {
    return flags.contains(flag);
  }
}
