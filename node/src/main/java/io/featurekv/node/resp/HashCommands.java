package io.featurekv.node.resp;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Commands that read fields of values that are JSON objects. */
final class HashCommands {
  private static final String WRONG_TYPE =
      "WRONGTYPE Operation against a key holding the wrong kind of value";

  private HashCommands() {}

  static List<Command> all() {
    return List.of(
        command("hget", 3, "Returns a field of a JSON object.", HashCommands::hget),
        command("hmget", -3, "Returns fields of a JSON object.", HashCommands::hmget),
        command("hgetall", 2, "Returns all fields of a JSON object.", HashCommands::hgetall),
        command("hexists", 3, "Tells whether a JSON object has a field.", HashCommands::hexists),
        command(
            "hlen",
            2,
            "Counts the fields of a JSON object.",
            call -> fields(call, (fields, out) -> out.integer(fields.size()))),
        command(
            "hkeys",
            2,
            "Returns the names of a JSON object's fields.",
            call -> fields(call, (fields, out) -> out.bulks(List.copyOf(fields.keySet())))),
        command(
            "hvals",
            2,
            "Returns the values of a JSON object's fields.",
            call -> fields(call, (fields, out) -> out.bulks(List.copyOf(fields.values())))));
  }

  private static Command command(String name, int arity, String summary, Consumer<Call> handler) {
    return new Command(
        name, arity, Set.of(Command.READS), List.of(1, 1, 1), "hash", summary, handler);
  }

  /** Replies by the fields of the first argument's value, of which there are none without one. */
  private static void fields(Call call, BiConsumer<Map<String, String>, ReplyBuilder> use) {
    call.read(
        1,
        1,
        new ValueShape(
            call.session(),
            (value, out) -> {
              Map<String, String> fields =
                  value.isThere() ? JsonFields.of(value.bytes()) : Map.of();
              if (fields == null) {
                out.error(WRONG_TYPE);
              } else {
                use.accept(fields, out);
              }
            }));
  }

  private static void hget(Call call) {
    String field = call.text(2);
    fields(call, (fields, out) -> out.bulk(fields.get(field)));
  }

  private static void hmget(Call call) {
    List<String> names = new ArrayList<>();
    for (int argument = 2; argument < call.count(); argument++) {
      names.add(call.text(argument));
    }
    fields(
        call,
        (fields, out) -> {
          out.array(names.size());
          names.forEach(name -> out.bulk(fields.get(name)));
        });
  }

  private static void hgetall(Call call) {
    fields(
        call,
        (fields, out) -> {
          out.map(fields.size());
          fields.forEach((name, value) -> out.bulk(name).bulk(value));
        });
  }

  private static void hexists(Call call) {
    String field = call.text(2);
    fields(call, (fields, out) -> out.integer(fields.containsKey(field) ? 1 : 0));
  }
}
