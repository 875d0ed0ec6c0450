package io.featurekv.node.resp;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Commands that read values as they are. */
final class ReadCommands {
  private static final List<Integer> ONE_KEY = List.of(1, 1, 1);
  private static final List<Integer> ALL_KEYS = List.of(1, -1, 1);

  private ReadCommands() {}

  static List<Command> all() {
    return List.of(
        command("get", 2, ONE_KEY, "string", "Returns the value of a key.", ReadCommands::get),
        command("mget", -2, ALL_KEYS, "string", "Returns the values of keys.", ReadCommands::mget),
        command(
            "exists",
            -2,
            ALL_KEYS,
            "generic",
            "Counts the keys there are.",
            call -> call.read(1, call.count() - 1, new ExistsShape(call.session()))),
        command(
            "strlen",
            2,
            ONE_KEY,
            "string",
            "Returns the length of a value.",
            call -> one(call, (value, out) -> out.integer(value.length()))),
        command(
            "type",
            2,
            ONE_KEY,
            "generic",
            "Tells whether a key has a value.",
            call -> one(call, (value, out) -> out.simple(value.isThere() ? "string" : "none"))));
  }

  private static Command command(
      String name,
      int arity,
      List<Integer> keys,
      String group,
      String summary,
      Consumer<Call> handler) {
    return new Command(name, arity, Set.of(Command.READS, "fast"), keys, group, summary, handler);
  }

  private static void one(Call call, ValueShape.Use use) {
    call.read(1, 1, new ValueShape(call.session(), use));
  }

  /** Where it could not be taken with others: its key is wrong. */
  private static void get(Call call) {
    call.read(1, 1, new ValuesShape(call.session(), call.shared().counts()).replies());
  }

  private static void mget(Call call) {
    int keys = call.count() - 1;
    call.read(1, keys, new ValuesShape(call.session(), call.shared().counts()).elements(keys));
  }
}
