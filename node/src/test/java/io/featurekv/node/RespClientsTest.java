package io.featurekv.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.featurekv.model.Endpoint;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.resp.RespConfig;
import io.featurekv.node.resp.RespDatabases;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisReadOnlyException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.ProtocolVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.exceptions.JedisDataException;

/** Clients of Redis, as they are, read from a node. */
class RespClientsTest {
  private static final String PASSWORD = "open sesame";
  private static final String ZURICH = "{\"city\":\"Zürich\",\"pop\":434000,\"hilly\":true}";
  private static final int PIPELINED = 500;
  private static final int MAX_SECONDS = 60;

  @TempDir static Path directory;
  private static TestCluster cluster;
  private static int port;

  @BeforeAll
  static void start() throws IOException {
    port = TestCluster.freePort();
    Path password = Files.writeString(directory.resolve("password"), PASSWORD + "\n");
    cluster =
        TestCluster.startWithResp(
            directory.resolve("cluster"),
            new RespConfig(
                new Endpoint("127.0.0.1", port),
                new RespDatabases(Map.of(1, "mem", 2, "blk")),
                password));
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      lines.add("{\"key\":\"k%d\",\"city\":\"City %d\",\"pop\":%d}".formatted(i, i, 10 * i));
    }
    lines.add("{\"key\":\"zh\",\"city\":\"Zürich\",\"pop\":434000,\"hilly\":true}");
    Path input = Files.write(directory.resolve("cities.jsonl"), lines);
    for (TableKind kind : TableKind.values()) {
      cluster.createTable(kind.word(), kind, 4);
      cluster.load(kind.word(), input.toString(), UpdateMode.FULL, "key");
    }
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String city(int number) {
    return "{\"city\":\"City %d\",\"pop\":%d}".formatted(number, 10 * number);
  }

  @ParameterizedTest
  @EnumSource(
      value = ProtocolVersion.class,
      names = {"RESP2", "RESP3"})
  void lettuceReads(ProtocolVersion version) {
    RedisClient client =
        RedisClient.create(
            RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(port)
                .withPassword(PASSWORD.toCharArray())
                .withClientName("lettuce")
                .withTimeout(Duration.ofSeconds(MAX_SECONDS))
                .build());
    client.setOptions(ClientOptions.builder().protocolVersion(version).build());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      var redis = connection.sync();
      assertThat(redis.ping()).isEqualTo("PONG");
      assertThat(redis.clientGetname()).isEqualTo("lettuce");
      for (TableKind kind : TableKind.values()) {
        assertThat(redis.get(kind.word() + "/zh")).isEqualTo(ZURICH);
        assertThat(redis.get(kind.word() + "/nowhere")).isNull();
        assertThat(redis.hgetall(kind.word() + "/zh"))
            .isEqualTo(Map.of("city", "Zürich", "pop", "434000", "hilly", "true"));
      }
      assertThat(redis.mget("mem/k1", "blk/k2", "mem/none", "idx/k3"))
          .extracting(value -> value.getValueOrElse(null))
          .containsExactly(city(1), city(2), null, city(3));
      assertThat(redis.hmget("blk/zh", "pop", "none"))
          .containsExactly(KeyValue.just("pop", "434000"), KeyValue.empty("none"));
      assertThat(redis.exists("mem/k1", "mem/none", "blk/k1")).isEqualTo(2);
      assertThat(redis.strlen("mem/zh")).isEqualTo(ZURICH.getBytes(UTF_8).length);
      assertThat(redis.type("idx/zh")).isEqualTo("string");
      assertThat(redis.info("server")).contains("redis_version:");
      assertThat(redis.command()).isNotEmpty();
      assertThat(redis.commandCount()).isPositive();
      assertThatThrownBy(() -> redis.set("mem/k1", "x")).isInstanceOf(RedisReadOnlyException.class);
      assertThatThrownBy(() -> redis.get("nosuch/1"))
          .isInstanceOf(RedisCommandExecutionException.class)
          .hasMessageContaining("nosuch");
      redis.select(2);
      assertThat(redis.dbsize()).isEqualTo(1_001);
      assertThat(redis.get("k7")).isEqualTo(city(7));
      redis.multi();
      redis.get("k1");
      redis.strlen("k2");
      assertThat(redis.exec().stream().toList())
          .isEqualTo(List.of(city(1), (long) city(2).length()));
      pipeline(connection);
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
    }
  }

  private static void pipeline(StatefulRedisConnection<String, String> connection) {
    connection.setAutoFlushCommands(false);
    List<RedisFuture<String>> replies = new ArrayList<>();
    for (int i = 0; i < PIPELINED; i++) {
      replies.add(connection.async().get("k" + i));
    }
    connection.flushCommands();
    connection.setAutoFlushCommands(true);
    for (int i = 0; i < PIPELINED; i++) {
      assertThat(replies.get(i).toCompletableFuture().join()).isEqualTo(city(i));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = RedisProtocol.class,
      names = {"RESP2", "RESP3"})
  void jedisReads(RedisProtocol protocol) {
    try (Jedis redis =
        new Jedis(
            new HostAndPort("127.0.0.1", port),
            DefaultJedisClientConfig.builder()
                .protocol(protocol)
                .password(PASSWORD)
                .clientName("jedis")
                .database(1)
                .timeoutMillis(MAX_SECONDS * 1000)
                .build())) {
      assertThat(redis.ping()).isEqualTo("PONG");
      assertThat(redis.get("zh")).isEqualTo(ZURICH);
      assertThat(redis.get("nowhere")).isNull();
      assertThat(redis.mget("k1", "none", "k2")).containsExactly(city(1), null, city(2));
      assertThat(redis.hget("zh", "city")).isEqualTo("Zürich");
      assertThat(redis.hgetAll("zh")).hasSize(3).containsEntry("pop", "434000");
      assertThat(redis.exists("k1")).isTrue();
      assertThat(redis.dbSize()).isEqualTo(1_001);
      assertThatThrownBy(() -> redis.set("a", "b"))
          .isInstanceOf(JedisDataException.class)
          .hasMessageStartingWith("READONLY");
      Pipeline pipeline = redis.pipelined();
      List<Response<String>> replies = new ArrayList<>();
      for (int i = 0; i < PIPELINED; i++) {
        replies.add(pipeline.get("k" + i));
      }
      pipeline.sync();
      for (int i = 0; i < PIPELINED; i++) {
        assertThat(replies.get(i).get()).isEqualTo(city(i));
      }
      Transaction transaction = redis.multi();
      Response<String> first = transaction.get("k1");
      Response<List<String>> more = transaction.mget("k2", "none");
      transaction.exec();
      assertThat(first.get()).isEqualTo(city(1));
      assertThat(more.get()).containsExactly(city(2), null);
    }
  }

  private static String run(String input, String... command) throws Exception {
    Path program = Path.of("/usr/bin", command[0]);
    assumeTrue(Files.isExecutable(program), () -> program + " is not installed here");
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.set(0, program.toString());
    Path in = Files.writeString(Files.createTempFile(directory, "in", ".txt"), input);
    Path out = Files.createTempFile(directory, "out", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(arguments)
            .redirectInput(in.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().put("REDISCLI_AUTH", PASSWORD);
    builder.environment().put("PYTHONIOENCODING", "utf-8");
    Process process = builder.start();
    if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(arguments + " did not end; it said: " + Files.readString(out));
    }
    String said = Files.readString(out);
    assertThat(process.exitValue()).as("%s said: %s", arguments, said).isZero();
    return said;
  }

  @ParameterizedTest
  @ValueSource(strings = {"-2", "-3"})
  void redisCliReads(String protocol) throws Exception {
    String said =
        run(
            """
            PING
            GET mem/k1
            GET blk/k2
            HGET idx/zh pop
            SELECT 1
            MULTI
            GET k3
            EXEC
            DBSIZE
            COMMAND DOCS get
            """,
            "redis-cli",
            protocol,
            "-p",
            Integer.toString(port));
    assertThat(said)
        .contains("PONG\n" + city(1) + "\n" + city(2) + "\n434000\nOK\nOK\nQUEUED\n" + city(3))
        .contains("1001\nget")
        .doesNotContain("ERR");
  }

  @Test
  void redisBenchmarkRuns() throws Exception {
    String said =
        run(
            "",
            "redis-benchmark",
            "-p",
            Integer.toString(port),
            "-a",
            PASSWORD,
            "-n",
            "5000",
            "-P",
            "16",
            "-c",
            "5",
            "-q",
            "GET",
            "mem/k1");
    assertThat(said).contains("requests per second").doesNotContain("Error", "ERR");
  }

  @Test
  void pythonReads() throws Exception {
    run("", "python3", "--version");
    String hasClient =
        run(
            "",
            "python3",
            "-c",
            "import importlib.util as u; print(u.find_spec('redis') is not None)");
    assumeTrue(hasClient.strip().equals("True"), "python3 has no redis here");
    String script =
        """
        import os, redis
        # Older ones speak RESP2 only and know no such option.
        is_new = int(redis.__version__.split('.')[0]) >= 5
        for options in ([{'protocol': 2}, {'protocol': 3}] if is_new else [{}]):
            options['port'] = %d
            options['password'] = os.environ['REDISCLI_AUTH']
            r = redis.Redis(client_name='python', decode_responses=True, **options)
            assert r.ping()
            assert r.get('mem/zh').startswith('{"city":"Z'), r.get('mem/zh')
            assert r.get('mem/none') is None
            assert r.mget('mem/k1', 'blk/none', 'idx/k2')[1] is None
            assert r.hgetall('blk/zh')['pop'] == '434000'
            assert r.hmget('blk/zh', ['pop', 'none']) == ['434000', None]
            assert r.exists('mem/k1', 'mem/k2', 'mem/none') == 2
            assert r.info()['tcp_port'] == %d
            for transaction in (True, False):
                p = r.pipeline(transaction=transaction)
                for i in range(%d):
                    p.get('blk/k%%d' %% i)
                assert [('"City %%d"' %% i) in v for i, v in enumerate(p.execute())].count(False) == 0
            try:
                r.set('mem/k1', 'x')
                assert False
            except redis.exceptions.ReadOnlyError:
                pass
            try:
                r.get('nosuch/k')
                assert False
            except redis.exceptions.ResponseError as e:
                assert 'nosuch' in str(e)
            assert redis.Redis(db=1, **options).dbsize() == 1001
        print('all read')
        """
            .formatted(port, port, PIPELINED);
    assertThat(run(script, "python3", "-")).contains("all read");
  }
}
