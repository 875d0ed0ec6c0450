package io.featurekv.node.resp;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every command that is known, by its name in lower case. */
final class CommandTable {
  private final Map<String, Command> commands = new LinkedHashMap<>();

  CommandTable() {
    ReadCommands.all().forEach(this::add);
    HashCommands.all().forEach(this::add);
    ConnectionCommands.all().forEach(this::add);
    TransactionCommands.all().forEach(this::add);
    ServerCommands.all().forEach(this::add);
  }

  private void add(Command command) {
    commands.put(command.name(), command);
  }

  @Nullable Command get(String name) {
    return commands.get(name);
  }

  Collection<Command> all() {
    return Collections.unmodifiableCollection(commands.values());
  }
}
