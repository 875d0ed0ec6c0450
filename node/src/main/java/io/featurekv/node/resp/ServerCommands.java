package io.featurekv.node.resp;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Commands about the node, and about the commands. */
final class ServerCommands {
  private static final Set<String> ALL_SECTIONS = Set.of("all", "default", "everything");

  private ServerCommands() {}

  static List<Command> all() {
    return List.of(
        command("dbsize", 1, "Counts the keys of the selected database.", ServerCommands::dbSize),
        command("info", -1, "Tells of the node.", ServerCommands::info),
        command("role", 1, "Tells that this is a replica.", ServerCommands::role),
        command("time", 1, "Tells the time that decides what has expired.", ServerCommands::time),
        command("config", -2, "CONFIG GET tells of settings.", ServerCommands::config),
        command("command", -1, "Tells of the commands.", ServerCommands::commands));
  }

  private static Command command(String name, int arity, String summary, Consumer<Call> handler) {
    return new Command(
        name, arity, Set.of("loading", "stale"), List.of(0, 0, 0), "server", summary, handler);
  }

  private static void dbSize(Call call) {
    call.send(call.reply().integer(call.shared().info().keys(call.session().table())));
  }

  private static void info(Call call) {
    List<String> wanted = new ArrayList<>();
    for (int argument = 1; argument < call.count(); argument++) {
      wanted.add(call.word(argument));
    }
    if (wanted.stream().anyMatch(ALL_SECTIONS::contains)) {
      wanted.clear();
    }
    call.send(call.reply().verbatim(call.shared().info().text(wanted)));
  }

  private static void role(Call call) {
    call.send(call.reply().array(5).bulk("slave").bulk("").integer(0).bulk("connected").integer(0));
  }

  private static void time(Call call) {
    long millis = call.shared().reads().readTimeMillis();
    call.send(
        call.reply()
            .bulks(List.of(Long.toString(millis / 1000), Long.toString(millis % 1000 * 1000))));
  }

  /** Some settings that tools ask for before they begin. */
  private static void config(Call call) {
    if (!call.word(1).equals("get") || call.count() < 3) {
      call.fail("ERR unknown subcommand '" + call.text(1) + "'. There is CONFIG GET only.");
      return;
    }
    Map<String, String> known =
        Map.of(
            "save", "",
            "appendonly", "no",
            "maxmemory", "0",
            "timeout", "0",
            "databases", Integer.toString(call.shared().databases().count()));
    Map<String, String> asked = new TreeMap<>();
    for (int argument = 2; argument < call.count(); argument++) {
      String name = call.word(argument);
      known.forEach(
          (key, value) -> {
            if (name.equals("*") || name.equals(key)) {
              asked.put(key, value);
            }
          });
    }
    ReplyBuilder reply = call.reply().map(asked.size());
    asked.forEach((key, value) -> reply.bulk(key).bulk(value));
    call.send(reply);
  }

  private static void commands(Call call) {
    Collection<Command> all = call.shared().commands().all();
    if (call.count() == 1) {
      ReplyBuilder reply = call.reply().array(all.size());
      all.forEach(command -> tell(command, reply));
      call.send(reply);
      return;
    }
    switch (call.word(1)) {
      case "count" -> call.send(call.reply().integer(all.size()));
      case "list" -> call.send(call.reply().bulks(all.stream().map(Command::name).toList()));
      case "info" -> commandInfo(call);
      case "docs" -> commandDocs(call);
      default ->
          call.fail(
              "ERR unknown subcommand '" + call.text(1) + "'. Try COMMAND COUNT, DOCS, INFO.");
    }
  }

  private static void commandInfo(Call call) {
    if (call.count() == 2) {
      Collection<Command> all = call.shared().commands().all();
      ReplyBuilder reply = call.reply().array(all.size());
      all.forEach(command -> tell(command, reply));
      call.send(reply);
      return;
    }
    ReplyBuilder reply = call.reply().array(call.count() - 2);
    for (int argument = 2; argument < call.count(); argument++) {
      Command command = call.shared().commands().get(call.word(argument));
      if (command == null) {
        reply.nil();
      } else {
        tell(command, reply);
      }
    }
    call.send(reply);
  }

  private static void tell(Command command, ReplyBuilder reply) {
    reply.array(10).bulk(command.name()).integer(command.arity());
    reply.set(command.flags().size());
    command.flags().stream().sorted().forEach(reply::simple);
    command.keys().forEach(reply::integer);
    // Categories of access lists, tips, places of keys, subcommands: none are told.
    reply.set(0).array(0).array(0).array(0);
  }

  private static void commandDocs(Call call) {
    List<Command> told = new ArrayList<>();
    if (call.count() == 2) {
      told.addAll(call.shared().commands().all());
    }
    for (int argument = 2; argument < call.count(); argument++) {
      Command command = call.shared().commands().get(call.word(argument));
      if (command != null) {
        told.add(command);
      }
    }
    ReplyBuilder reply = call.reply().map(told.size());
    for (Command command : told) {
      reply.bulk(command.name()).map(3);
      reply.bulk("summary").bulk(command.summary());
      reply.bulk("since").bulk("1.0.0");
      reply.bulk("group").bulk(command.group());
    }
    call.send(reply);
  }
}
