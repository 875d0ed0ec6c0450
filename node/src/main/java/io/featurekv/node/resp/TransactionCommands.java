package io.featurekv.node.resp;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** MULTI and what ends it. */
final class TransactionCommands {
  private TransactionCommands() {}

  static List<Command> all() {
    return List.of(
        command("multi", "Begins a transaction.", Call::beginTransaction),
        command("exec", "Executes a transaction at one moment.", Call::executeTransaction),
        command("discard", "Forgets a transaction.", TransactionCommands::discard));
  }

  private static Command command(String name, String summary, Consumer<Call> handler) {
    return new Command(
        name,
        1,
        Set.of(Command.NO_MULTI, "fast"),
        List.of(0, 0, 0),
        "transactions",
        summary,
        handler);
  }

  private static void discard(Call call) {
    if (call.discardTransaction()) {
      call.ok();
    } else {
      call.fail("ERR DISCARD without MULTI");
    }
  }
}
