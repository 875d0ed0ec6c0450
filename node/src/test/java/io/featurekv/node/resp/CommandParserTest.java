package io.featurekv.node.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CommandParserTest {
  private final CommandParser parser = new CommandParser();

  @BeforeEach
  void trust() {
    parser.trust(true);
  }

  /** Parses one command of which {@code first} bytes are there at first, each time elsewhere. */
  private List<String> parse(String text, int first) {
    ByteBuf part = direct(text.substring(0, first));
    ByteBuf all = direct(text);
    try {
      int length = parser.parse(part.memoryAddress(), first);
      if (length > 0) {
        return words(part, length, text);
      }
      return words(all, parser.parse(all.memoryAddress(), text.length()), text);
    } finally {
      part.release();
      all.release();
    }
  }

  private List<String> words(ByteBuf bytes, int length, String text) {
    assertThat(length).isEqualTo(text.length());
    List<String> words = new ArrayList<>();
    for (int argument = 0; argument < parser.count(); argument++) {
      words.add(parser.text(bytes.memoryAddress(), argument));
    }
    return words;
  }

  private static ByteBuf direct(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return Unpooled.directBuffer(Math.max(1, bytes.length)).writeBytes(bytes);
  }

  private List<String> parse(String text) {
    return parse(text, text.length());
  }

  private void refuses(String text, String why) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(RespProtocolException.class)
        .hasMessageContaining(why);
  }

  @Test
  void findsTheArgumentsWhereverTheFirstPartEnds() {
    String command = "*3\r\n$4\r\nMGET\r\n$0\r\n\r\n$12\r\na\r\nb$1\r\n*2\r\n\r\n";
    for (int first = 0; first <= command.length(); first++) {
      assertThat(parse(command, first)).containsExactly("MGET", "", "a\r\nb$1\r\n*2\r\n");
    }
  }

  @Test
  void findsInlineWordsWhereverTheFirstPartEnds() {
    String command = "  get \"a \\\"b\\x41\\n\"   'it\\'s' x\"y\" \r\n";
    for (int first = 0; first <= command.length(); first++) {
      assertThat(parse(command, first)).containsExactly("get", "a \"bA\n", "it's", "xy");
    }
  }

  @Test
  void takesEmptyCommands() {
    for (String command : List.of("*0\r\n", "*-1\r\n", "\r\n", "\n", "   \r\n")) {
      assertThat(parse(command)).isEmpty();
    }
  }

  @Test
  void growsWithTheArguments() {
    StringBuilder command = new StringBuilder("*30000\r\n");
    for (int i = 0; i < 30_000; i++) {
      command.append("$1\r\nx\r\n");
    }
    assertThat(parse(command.toString())).hasSize(30_000);
    assertThat(parse("*1\r\n$4\r\nPING\r\n")).containsExactly("PING");
  }

  @Test
  void refusesWhatIsNoCommandInTheWordsOfRedis() {
    refuses("*1048577\r\n", "Protocol error: invalid multibulk length");
    refuses("*9999999999999\r\n", "Protocol error: invalid multibulk length");
  }

  @Test
  void refusesACountThatIsNoNumber() {
    refuses("*x\r\n", "Protocol error: invalid multibulk length");
  }

  @Test
  void refusesAnArgumentWithoutItsMark() {
    refuses("*1\r\n+OK\r\n", "Protocol error: expected '$', got '+'");
  }

  @Test
  void refusesANegativeLength() {
    refuses("*1\r\n$-1\r\n", "Protocol error: invalid bulk length");
  }

  @Test
  void refusesALengthOverTheLimitBeforeItsBytesCome() {
    refuses("*1\r\n$8388609\r\n", "Protocol error: invalid bulk length");
  }

  @Test
  void refusesACommandOverTheLimit() {
    refuses("*2\r\n$1\r\nx\r\n$8388600\r\n", "too big request");
  }

  @Test
  void refusesUnbalancedQuotes() {
    refuses("get \"a\r\n", "Protocol error: unbalanced quotes in request");
  }

  @Test
  void refusesAnEndlessLine() {
    refuses("x".repeat(CommandParser.MAX_INLINE_BYTES + 1), "too big inline request");
  }

  @Test
  void isStricterBeforeAuth() {
    parser.trust(false);
    refuses("*11\r\n", "unauthenticated multibulk length");
  }

  @Test
  void isStricterOfLengthsBeforeAuth() {
    parser.trust(false);
    refuses("*1\r\n$16385\r\n", "unauthenticated bulk length");
  }
}
