package io.featurekv.node.resp;

import static io.featurekv.node.resp.RespConversation.command;
import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.RowColumn;
import io.featurekv.model.RowSchema;
import io.featurekv.model.RowWriter;
import io.featurekv.model.TableKind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients are told, by files in the three layouts. */
class RespConnectionTest {
  private static final String JSON =
      "{\"city\":\"Z\u00fcrich\",\"pop\":434000,\"big\":true,\"gone\":null,\"at\":{\"x\":[1, 2]}}";

  @TempDir Path directory;
  private RespConversation redis;

  @BeforeEach
  void start() {
    start(null);
  }

  private void start(Password password) {
    redis =
        new RespConversation(
            directory, new RespDatabases(Map.of(1, "users", 2, "items", 3, "none")), password);
    redis.load("users", TableKind.MEM, "u1", "red", "u2", "", "u3", "blue", "j", JSON);
    redis.load("items", TableKind.BLK, "i1", "one", "i2", "two");
    redis.load("places", TableKind.IDX, "p1", "here");
  }

  @AfterEach
  void stop() throws Exception {
    redis.close();
    assertThat(redis.admission().bytes()).isZero();
  }

  private static String bulk(String text) {
    return "$" + text.length() + "\r\n" + text + "\r\n";
  }

  @Test
  void answersPipelinedGetsInTheirOrder() {
    assertThat(
            redis.send(
                command("GET", "users/u3")
                    + command("get", "users/u1")
                    + command("PING")
                    + command("GET", "users/nobody")
                    + command("GeT", "users/u2")))
        .isEqualTo("$4\r\nblue\r\n$3\r\nred\r\n+PONG\r\n$-1\r\n$0\r\n\r\n");
  }

  @Test
  void laterRepliesWaitForAnEarlierOneThatTakesItsTime() {
    String commands =
        command("GET", "users/u1")
            + command("GET", "items/i2")
            + command("GET", "items/i1")
            + command("PING")
            + command("MGET", "places/p1", "users/u1", "items/i1", "users/u3");
    assertThat(redis.send(commands)).isEqualTo(bulk("red"));
    assertThat(redis.call("ECHO", "late")).isEmpty();
    assertThat(redis.runPool()).isEqualTo(bulk("two") + bulk("one") + "+PONG\r\n");
    assertThat(redis.runPoolToTheEnd())
        .isEqualTo(
            "*4\r\n" + bulk("here") + bulk("red") + bulk("one") + bulk("blue") + bulk("late"));
  }

  /** One conversation with everything in it. */
  private static String conversation() {
    return command("GET", "users/u1")
        + command("GET", "users/u2")
        + "PING\r\n"
        + command("GET", "items/i1")
        + "get \"users/u3\"\r\n"
        + command("MGET", "users/u1", "items/i2", "users/x", "users/u3")
        + command("MULTI")
        + command("GET", "users/u1")
        + command("EXISTS", "users/u1", "items/i1", "places/none")
        + command("EXEC")
        + "*0\r\n\r\n"
        + command("HELLO", "3")
        + command("GET", "users/none")
        + command("HGETALL", "users/j")
        + command("SELECT", "1")
        + command("GET", "u3")
        + command("SET", "a", "b")
        + command("NOSUCH", "a");
  }

  private String converse(int[] ends) {
    redis.connect();
    byte[] bytes = conversation().getBytes(StandardCharsets.ISO_8859_1);
    StringBuilder replies = new StringBuilder();
    int from = 0;
    for (int end : ends) {
      replies.append(redis.send(Arrays.copyOfRange(bytes, from, end)));
      if (end % 3 == 0) {
        replies.append(redis.runPool());
      }
      from = end;
    }
    replies.append(redis.send(Arrays.copyOfRange(bytes, from, bytes.length)));
    return replies.append(redis.runPoolToTheEnd()).toString().replaceFirst("id\r\n:\\d+", "id");
  }

  @Test
  void repliesAreTheSameWhereverWhatWasReceivedIsCut() {
    String whole = converse(new int[0]);
    assertThat(whole).startsWith(bulk("red")).contains("-READONLY").endsWith("'a' \r\n");
    int length = conversation().getBytes(StandardCharsets.ISO_8859_1).length;
    int[] every = new int[length];
    for (int end = 0; end < length; end++) {
      assertThat(converse(new int[] {end})).as("cut at %d", end).isEqualTo(whole);
      every[end] = end;
    }
    assertThat(converse(every)).as("byte by byte").isEqualTo(whole);
  }

  @Test
  void hostileBytesEndInAReplyOrAClosedConnection() {
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("seed " + seed + " (repeat with -Dtest.seed=" + seed + ")");
    Random random = new Random(seed);
    byte[] good = conversation().getBytes(StandardCharsets.ISO_8859_1);
    for (int round = 0; round < 2_000; round++) {
      redis.connect();
      byte[] bytes = good.clone();
      for (int change = random.nextInt(4); change >= 0; change--) {
        int at = random.nextInt(bytes.length);
        bytes[at] =
            (byte)
                (random.nextBoolean() ? random.nextInt() : "*$-0159\r\n".charAt(random.nextInt(9)));
      }
      int cut = random.nextInt(bytes.length);
      redis.send(Arrays.copyOfRange(bytes, 0, cut));
      redis.runPool();
      if (redis.channel().isOpen()) {
        redis.send(Arrays.copyOfRange(bytes, cut, bytes.length));
      }
      redis.runPoolToTheEnd();
      redis.connect();
      assertThat(redis.call("GET", "users/u1")).isEqualTo(bulk("red"));
      assertThat(redis.admission().bytes()).isZero();
    }
  }

  @Test
  void aTransactionIsOneMoment() {
    redis.send(
        command("MULTI")
            + command("GET", "items/i1")
            + command("GET", "users/u1")
            + command("MGET", "items/i1", "users/u1"));
    assertThat(redis.replies()).isEmpty();
    assertThat(redis.send(command("EXEC") + command("GET", "users/u1"))).isEqualTo("*3\r\n");
    redis.load("users", TableKind.MEM, "u1", "new");
    assertThat(redis.runPoolToTheEnd())
        .isEqualTo(bulk("one") + bulk("red") + "*2\r\n" + bulk("one") + bulk("red") + bulk("new"));
  }

  @Test
  void anMgetIsOneMoment() {
    assertThat(redis.call("MGET", "items/i1", "users/u1")).isEmpty();
    redis.load("users", TableKind.MEM, "u1", "new");
    assertThat(redis.runPool()).isEqualTo("*2\r\n" + bulk("one") + bulk("red"));
    assertThat(redis.call("GET", "users/u1")).isEqualTo(bulk("new"));
  }

  @Test
  void aWrongCommandSpoilsItsTransaction() {
    assertThat(redis.send(command("MULTI") + command("GET") + command("PING") + command("EXEC")))
        .isEqualTo(
            String.join(
                "\r\n",
                "+OK",
                "-ERR wrong number of arguments for 'get' command",
                "+QUEUED",
                "-EXECABORT Transaction discarded because of previous errors.",
                ""));
    assertThat(redis.call("EXEC")).isEqualTo("-ERR EXEC without MULTI\r\n");
    assertThat(redis.call("DISCARD")).isEqualTo("-ERR DISCARD without MULTI\r\n");
    redis.call("MULTI");
    assertThat(redis.call("MULTI")).isEqualTo("-ERR MULTI calls can not be nested\r\n");
    assertThat(redis.call("DISCARD")).isEqualTo("+OK\r\n");
    assertThat(redis.call("PING")).isEqualTo("+PONG\r\n");
    redis.call("MULTI");
    assertThat(redis.call("EXEC")).isEqualTo("*0\r\n");
  }

  @Test
  void anErrorWithinATransactionIsOneOfItsReplies() {
    redis.send(command("MULTI") + command("GET", "nosuch/1") + command("GET", "users/u1"));
    assertThat(redis.call("EXEC")).isEqualTo("*2\r\n-ERR no table 'nosuch'\r\n" + bulk("red"));
  }

  @Test
  void aTransactionHasABound() {
    redis.call("MULTI");
    String many = command("PING").repeat(10_000);
    for (int i = 0; i < 10; i++) {
      assertThat(redis.send(many)).doesNotContain("-ERR");
    }
    assertThat(redis.call("PING")).startsWith("-ERR a transaction has at most");
    assertThat(redis.call("EXEC")).startsWith("-EXECABORT");
  }

  @Test
  void fieldsAreThoseOfAJsonObject() {
    assertThat(redis.call("HGET", "users/j", "city")).isEqualTo("$7\r\nZ\u00c3\u00bcrich\r\n");
    assertThat(redis.call("HMGET", "users/j", "pop", "gone", "at", "none"))
        .isEqualTo("*4\r\n" + bulk("434000") + "$-1\r\n" + bulk("{\"x\":[1, 2]}") + "$-1\r\n");
    assertThat(redis.call("HGETALL", "users/j")).startsWith("*8\r\n");
    assertThat(redis.call("HGETALL", "users/none")).isEqualTo("*0\r\n");
    assertThat(redis.call("HGET", "users/none", "x")).isEqualTo("$-1\r\n");
    assertThat(redis.call("HLEN", "users/j")).isEqualTo(":4\r\n");
    assertThat(redis.call("HEXISTS", "users/j", "gone")).isEqualTo(":0\r\n");
    assertThat(redis.call("HKEYS", "users/j")).startsWith("*4\r\n" + bulk("city"));
    for (String name : new String[] {"HGETALL", "HLEN", "HVALS"}) {
      assertThat(redis.call(name, "users/u1")).startsWith("-WRONGTYPE ");
    }
    assertThat(redis.call("HGET", "users/u2", "x")).startsWith("-WRONGTYPE ");
  }

  @Test
  void rowsAreJsonObjects() {
    RowSchema schema = RowSchema.of(RowColumn.parseAll("city:string,pop:int64?,emb:list<float>"));
    RowWriter row = new RowWriter(schema);
    row.begin();
    row.setString(0, "Bern");
    row.setLong(1, 42);
    row.setFloats(2, new float[] {0.5f});
    row.finish();
    String bytes = new String(row.toBytes(), StandardCharsets.UTF_8);
    redis.load("cities", TableKind.MEM, "3000", bytes, "no", "no row");
    redis.columns("cities", schema);
    String json = "{\"city\":\"Bern\",\"pop\":42,\"emb\":[0.5]}";
    assertThat(redis.call("GET", "cities/3000")).isEqualTo(bulk(json));
    assertThat(redis.call("STRLEN", "cities/3000")).isEqualTo(":" + json.length() + "\r\n");
    assertThat(redis.call("HGET", "cities/3000", "city")).isEqualTo(bulk("Bern"));
    assertThat(redis.call("HMGET", "cities/3000", "pop", "emb", "none"))
        .isEqualTo("*3\r\n" + bulk("42") + bulk("[0.5]") + "$-1\r\n");
    assertThat(redis.call("HLEN", "cities/3000")).isEqualTo(":3\r\n");
    assertThat(redis.call("MGET", "cities/3000", "users/u1"))
        .isEqualTo("*2\r\n" + bulk(json) + bulk("red"));
    assertThat(redis.call("GET", "cities/no")).contains("no row of version 1 of the columns");
  }

  @Test
  void speaksVersionThree() {
    assertThat(redis.call("HELLO", "3", "SETNAME", "me"))
        .startsWith("%7\r\n" + bulk("server"))
        .contains(bulk("proto") + ":3\r\n")
        .endsWith(bulk("modules") + "*0\r\n");
    assertThat(redis.call("GET", "users/none")).isEqualTo("_\r\n");
    assertThat(redis.call("MGET", "users/none", "users/u1")).isEqualTo("*2\r\n_\r\n" + bulk("red"));
    assertThat(redis.call("HGETALL", "users/none")).isEqualTo("%0\r\n");
    assertThat(redis.call("CLIENT", "GETNAME")).isEqualTo(bulk("me"));
    assertThat(redis.call("HELLO", "4")).startsWith("-NOPROTO");
    assertThat(redis.call("HELLO", "2")).startsWith("*14\r\n");
    assertThat(redis.call("GET", "users/none")).isEqualTo("$-1\r\n");
  }

  @Test
  void asksForThePassword() throws Exception {
    Path file = Files.writeString(directory.resolve("password"), "secret\n");
    redis.close();
    start(Password.read(file));
    String noAuth = "-NOAUTH Authentication required.\r\n";
    assertThat(redis.send(command("GET", "users/u1") + command("PING"))).isEqualTo(noAuth + noAuth);
    assertThat(redis.call("HELLO", "3")).startsWith("-NOAUTH HELLO");
    assertThat(redis.call("AUTH", "wrong")).startsWith("-WRONGPASS");
    assertThat(redis.call("AUTH", "somebody", "secret")).startsWith("-WRONGPASS");
    assertThat(redis.call("GET", "users/u1")).isEqualTo(noAuth);
    assertThat(redis.call("HELLO", "3", "AUTH", "default", "secret")).startsWith("%7");
    assertThat(redis.call("GET", "users/u1")).isEqualTo(bulk("red"));
    assertThat(redis.call("RESET")).isEqualTo("+RESET\r\n");
    assertThat(redis.call("GET", "users/u1")).isEqualTo(noAuth);
    assertThat(redis.call("AUTH", "secret")).isEqualTo("+OK\r\n");
    assertThat(redis.call("MGET", "users/u1")).isEqualTo("*1\r\n" + bulk("red"));
  }

  @Test
  void saysThatThereIsNoPasswordAsRedisDoes() {
    assertThat(redis.call("AUTH", "x")).startsWith("-ERR AUTH <password> called without any");
    assertThat(redis.call("AUTH", "default", "x")).isEqualTo("+OK\r\n");
  }

  @Test
  void selectsTablesByNumberAndName() {
    assertThat(redis.send(command("SELECT", "1") + command("GET", "u1")))
        .isEqualTo("+OK\r\n" + bulk("red"));
    assertThat(redis.send(command("SELECT", "items") + command("STRLEN", "i1")))
        .isEqualTo("+OK\r\n");
    assertThat(redis.runPool()).isEqualTo(":3\r\n");
    assertThat(redis.call("SELECT", "9")).isEqualTo("-ERR DB index is out of range\r\n");
    assertThat(redis.call("SELECT", "nosuch")).isEqualTo("-ERR no table 'nosuch'\r\n");
    assertThat(redis.send(command("SELECT", "3") + command("GET", "k")))
        .isEqualTo("+OK\r\n-ERR no table 'none'\r\n");
    assertThat(redis.send(command("SELECT", "0") + command("GET", "users/u1")))
        .isEqualTo("+OK\r\n" + bulk("red"));
  }

  @Test
  void aKeyThatCannotBeIsAnErrorOfItsCommandAlone() {
    String tooLong = "users/" + "x".repeat(501);
    assertThat(redis.send(command("GET", tooLong) + command("GET", "users/u1")))
        .isEqualTo("-ERR a key has 1 to 500 bytes, this one has 501\r\n" + bulk("red"));
    assertThat(redis.send(command("GET", "users/u1") + command("GET", "users/")))
        .isEqualTo(bulk("red") + "-ERR a key has 1 to 500 bytes, this one has 0\r\n");
    assertThat(redis.call("GET", "u1")).startsWith("-ERR no table in the key");
    assertThat(redis.call("MGET", "users/u1", "nosuch/1")).isEqualTo("-ERR no table 'nosuch'\r\n");
    assertThat(redis.call("EXISTS", "users/u1", "users/u1", "users/no")).isEqualTo(":2\r\n");
    assertThat(redis.call("TYPE", "users/no")).isEqualTo("+none\r\n");
  }

  @Test
  void manyKeysAreReadInParts() {
    String[] words = new String[5_001];
    Arrays.fill(words, "users/u3");
    words[0] = "MGET";
    assertThat(redis.call(words)).isEqualTo("*5000\r\n" + bulk("blue").repeat(5_000));
    assertThat(redis.send(command("GET", "users/u3").repeat(5_000)))
        .isEqualTo(bulk("blue").repeat(5_000));
  }

  @Test
  void aClientThatTakesNothingIsNotReadFrom() {
    var outbound = redis.channel().unsafe().outboundBuffer();
    outbound.setUserDefinedWritability(1, false);
    assertThat(redis.call("GET", "users/u1")).isEmpty();
    assertThat(redis.channel().config().isAutoRead()).isFalse();
    assertThat(redis.call("PING")).isEmpty();
    outbound.setUserDefinedWritability(1, true);
    redis.channel().runPendingTasks();
    assertThat(redis.replies()).isEqualTo(bulk("red") + "+PONG\r\n");
    assertThat(redis.channel().config().isAutoRead()).isTrue();
  }

  @Test
  void aConnectionThatGoesAwayWhileItWaitsLeavesNothing() {
    redis.send(command("GET", "items/i1") + command("GET", "items/i2") + "*5\r\n$3\r\nhal");
    redis.connect();
    redis.runPoolToTheEnd();
    assertThat(redis.admission().bytes()).isZero();
  }

  @Test
  void protocolErrorsCloseTheConnection() {
    assertThat(redis.send("*1\r\nx")).startsWith("-ERR Protocol error: expected '$', got 'x'");
    assertThat(redis.channel().isOpen()).isFalse();
    redis.connect();
    assertThat(redis.send(command("QUIT") + command("PING"))).isEqualTo("+OK\r\n");
    assertThat(redis.channel().isOpen()).isFalse();
  }
}
