package io.featurekv.node.resp;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Commands about the connection itself. */
final class ConnectionCommands {
  /** Longest name that a client gives itself. */
  private static final int MAX_NAME_CHARACTERS = 512;

  private static final String DEFAULT_USER = "default";
  private static final String SYNTAX_ERROR = "ERR syntax error";
  private static final String WRONG_PASSWORD =
      "WRONGPASS invalid username-password pair or user is disabled.";

  private ConnectionCommands() {}

  static List<Command> all() {
    return List.of(
        command("ping", -1, "Replies PONG.", ConnectionCommands::ping),
        command(
            "echo",
            2,
            "Replies what it is given.",
            call -> call.send(call.reply().bulk(call.bytes(1)))),
        command("select", 2, "Changes the database or table.", ConnectionCommands::select),
        command("auth", -2, "Authenticates.", ConnectionCommands::auth, Command.NO_AUTH),
        command("hello", -1, "Shakes hands.", ConnectionCommands::hello, Command.NO_AUTH),
        command(
            "quit",
            -1,
            "Closes the connection.",
            ConnectionCommands::quit,
            Command.NO_AUTH,
            Command.NO_MULTI),
        command(
            "reset",
            1,
            "Makes the connection as new.",
            ConnectionCommands::reset,
            Command.NO_AUTH,
            Command.NO_MULTI),
        command("client", -2, "Tells of connections.", ConnectionCommands::client));
  }

  private static Command command(
      String name, int arity, String summary, Consumer<Call> handler, String... flags) {
    return new Command(
        name, arity, Set.of(flags), List.of(0, 0, 0), "connection", summary, handler);
  }

  private static void ping(Call call) {
    if (call.count() > 2) {
      call.fail("ERR wrong number of arguments for 'ping' command");
    } else if (call.count() == 2) {
      call.send(call.reply().bulk(call.bytes(1)));
    } else {
      call.send(call.reply().simple("PONG"));
    }
  }

  /** A number means a database of the configuration, anything else a table. */
  private static void select(Call call) {
    String wanted = call.text(1);
    RespDatabases databases = call.shared().databases();
    if (wanted.matches("-?[0-9]+")) {
      int database = wanted.length() > 9 ? -1 : Integer.parseInt(wanted);
      if (databases.has(database)) {
        call.session().select(database, databases.table(database));
        call.ok();
      } else {
        call.fail("ERR DB index is out of range");
      }
    } else if (call.shared().reads().picture().table(wanted) == null) {
      call.fail("ERR no table '" + wanted + "'");
    } else {
      call.session().select(0, wanted);
      call.ok();
    }
  }

  private static void auth(Call call) {
    if (call.count() > 3) {
      call.fail(SYNTAX_ERROR);
      return;
    }
    boolean namesUser = call.count() == 3;
    if (call.shared().password() == null && !namesUser) {
      call.fail(
          "ERR AUTH <password> called without any password configured for the default user. Are"
              + " you sure your configuration is correct?");
      return;
    }
    String user = namesUser ? call.text(1) : DEFAULT_USER;
    if (isRight(call, user, call.bytes(call.count() - 1))) {
      call.session().authenticate();
      call.trust();
      call.ok();
    } else {
      call.fail(WRONG_PASSWORD);
    }
  }

  private static boolean isRight(Call call, String user, byte[] said) {
    Password password = call.shared().password();
    return user.equals(DEFAULT_USER) && (password == null || password.is(said));
  }

  private static void hello(Call call) {
    int version = call.session().isThree() ? 3 : 2;
    if (call.count() > 1) {
      String wanted = call.text(1);
      if (!wanted.matches("[0-9]{1,9}")) {
        call.fail("ERR Protocol version is not an integer or out of range");
        return;
      }
      version = Integer.parseInt(wanted);
      if (version != 2 && version != 3) {
        call.fail("NOPROTO unsupported protocol version");
        return;
      }
    }
    String name = null;
    boolean isAuthenticated = call.session().isAuthenticated();
    int next = 2;
    while (next < call.count()) {
      String option = call.word(next);
      if (option.equals("auth") && next + 2 < call.count()) {
        if (!isRight(call, call.text(next + 1), call.bytes(next + 2))) {
          call.fail(WRONG_PASSWORD);
          return;
        }
        isAuthenticated = true;
        next += 3;
      } else if (option.equals("setname") && next + 1 < call.count()) {
        name = call.text(next + 1);
        next += 2;
      } else {
        call.fail("ERR Syntax error in HELLO option '" + call.text(next) + "'");
        return;
      }
    }
    if (!isAuthenticated) {
      call.fail(
          "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO"
              + " <proto> AUTH <user> <pass> option can be used to authenticate the client and"
              + " select the RESP protocol version at the same time");
      return;
    }
    if (name != null && !isName(name)) {
      call.fail(badName("names"));
      return;
    }
    greet(call, version, name);
  }

  private static void greet(Call call, int version, @Nullable String name) {
    call.session().authenticate();
    call.trust();
    call.session().speakThree(version == 3);
    if (name != null) {
      call.session().name(name);
    }
    call.send(
        call.reply()
            .map(7)
            .bulk("server")
            .bulk("featurekv")
            .bulk("version")
            .bulk(ServerInfo.REDIS_VERSION)
            .bulk("proto")
            .integer(version)
            .bulk("id")
            .integer(call.session().id())
            .bulk("mode")
            .bulk("standalone")
            .bulk("role")
            .bulk("replica")
            .bulk("modules")
            .array(0));
  }

  private static boolean isName(String name) {
    return name.length() <= MAX_NAME_CHARACTERS && name.chars().allMatch(c -> c >= '!' && c <= '~');
  }

  private static String badName(String what) {
    return "ERR Client " + what + " cannot contain spaces, newlines or special characters.";
  }

  private static void quit(Call call) {
    call.ok();
    call.closeAfterReply();
  }

  private static void reset(Call call) {
    call.discardTransaction();
    call.session().reset(call.shared().password() == null);
    call.trust();
    call.send(call.reply().simple("RESET"));
  }

  private static void client(Call call) {
    String what = call.word(1);
    switch (what + " " + call.count()) {
      case "id 2" -> call.send(call.reply().integer(call.session().id()));
      case "info 2", "list 2" -> call.send(call.reply().verbatim(call.describe() + "\n"));
      case "getname 2" -> {
        String name = call.session().name();
        call.send(call.reply().bulk(name.isEmpty() ? null : name));
      }
      case "setname 3" -> setName(call);
      case "setinfo 4" -> setInfo(call);
      // Nothing is evicted here and no access times are kept.
      case "no-evict 3", "no-touch 3" -> call.ok();
      case "reply 3" -> {
        if (call.word(2).equals("on")) {
          call.ok();
        } else {
          call.fail(SYNTAX_ERROR);
        }
      }
      case "help 2" ->
          call.send(
              call.reply()
                  .bulks(
                      List.of(
                          "CLIENT <subcommand> [<arg> ...]. Subcommands are:",
                          "GETNAME, ID, INFO, LIST (this connection), SETINFO, SETNAME")));
      default ->
          call.fail(
              "ERR unknown subcommand or wrong number of arguments for '"
                  + call.text(1)
                  + "'. Try CLIENT HELP.");
    }
  }

  private static void setName(Call call) {
    String name = call.text(2);
    if (isName(name)) {
      call.session().name(name);
      call.ok();
    } else {
      call.fail(badName("names"));
    }
  }

  private static void setInfo(Call call) {
    String value = new String(call.bytes(3), StandardCharsets.UTF_8);
    if (!isName(value)) {
      call.fail(badName(call.word(2)));
      return;
    }
    switch (call.word(2)) {
      case "lib-name" -> {
        call.session().library(value);
        call.ok();
      }
      case "lib-ver" -> {
        call.session().libraryVersion(value);
        call.ok();
      }
      default -> call.fail("ERR Unrecognized option '" + call.text(2) + "'");
    }
  }
}
