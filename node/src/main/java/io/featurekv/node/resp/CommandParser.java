package io.featurekv.node.resp;

import io.featurekv.model.Limits;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds the arguments of one command in memory, wherever what was received so far ends.
 *
 * <pre>
 *   command   = "*" count CRLF count x ("$" length CRLF bytes CRLF)
 *             | inline LF             words between blanks, '...' and "..." quoted as in redis-cli
 * </pre>
 *
 * <p>It goes on where it stopped: a command that comes in many parts is looked at once. Offsets are
 * relative to the command's first byte, so that its bytes may move between two calls. Messages are
 * those of Redis. One connection's.
 */
final class CommandParser {
  /** Most arguments of a command, its name included. */
  static final int MAX_ARGUMENTS = 1 << 20;

  /** Longest command. */
  static final int MAX_COMMAND_BYTES = Limits.MAX_REQUEST_FRAME_BYTES;

  /** Longest inline command. */
  static final int MAX_INLINE_BYTES = 64 << 10;

  /** The same before AUTH. */
  static final int MAX_ARGUMENTS_BEFORE_AUTH = 10;

  static final int MAX_BULK_BYTES_BEFORE_AUTH = 16 << 10;

  private static final int FEW_ARGUMENTS = 16;
  private static final int MAX_DIGITS = 9;
  private static final long CUT_OFF = -1;
  private static final long NO_NUMBER = -2;

  private int[] offsets = new int[FEW_ARGUMENTS];
  private int[] lengths = new int[FEW_ARGUMENTS];
  private int count;
  // Negative: the head of the command was not read yet.
  private int expected = -1;
  // Length of the argument whose head was read; negative: its head was not.
  private int bulkLength = -1;
  private int at;
  private boolean isComplete;
  private boolean isTrusted;

  /** Whether the other side has shown who it is; before that commands are short. */
  void trust(boolean trusted) {
    isTrusted = trusted;
  }

  /** Arguments of the command, its name included; 0 for one that says nothing. */
  int count() {
    return count;
  }

  /** Where an argument begins, from the command's first byte on. */
  int offset(int argument) {
    return offsets[argument];
  }

  int length(int argument) {
    return lengths[argument];
  }

  /**
   * Reads on.
   *
   * @param from address of the command's first byte
   * @param available how many bytes there are
   * @return length of the command; 0: there is more of it to come
   * @throws RespProtocolException for what is no command
   */
  int parse(long from, int available) {
    if (isComplete) {
      begin();
    }
    if (expected < 0) {
      if (available == 0) {
        return 0;
      }
      if (NativeBytes.get(from) != '*') {
        return parseInline(from, available);
      }
      if (!parseCount(from, available)) {
        return 0;
      }
    }
    while (count < expected) {
      if (bulkLength < 0 && !parseBulkLength(from, available)) {
        return 0;
      }
      int end = at + bulkLength;
      if (end + 2 > available) {
        return 0;
      }
      if (NativeBytes.get(from + end) != '\r' || NativeBytes.get(from + end + 1) != '\n') {
        throw new RespProtocolException("expected CR LF after a bulk string");
      }
      addArgument(at, bulkLength);
      at = end + 2;
      bulkLength = -1;
    }
    isComplete = true;
    return at;
  }

  /** Forgets the command; what comes next is another. */
  void begin() {
    isComplete = false;
    count = 0;
    expected = -1;
    bulkLength = -1;
    at = 0;
    if (offsets.length > Limits.MAX_BATCH_KEYS) {
      offsets = new int[FEW_ARGUMENTS];
      lengths = new int[FEW_ARGUMENTS];
    }
  }

  private void addArgument(int offset, int length) {
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    offsets[count] = offset;
    lengths[count] = length;
    count++;
  }

  private boolean parseCount(long from, int available) {
    long line = number(from, 1, available);
    if (line == CUT_OFF) {
      return false;
    }
    int arguments = (int) (line >> 32);
    if (line == NO_NUMBER || arguments > MAX_ARGUMENTS) {
      throw new RespProtocolException("invalid multibulk length");
    }
    if (!isTrusted && arguments > MAX_ARGUMENTS_BEFORE_AUTH) {
      throw new RespProtocolException("unauthenticated multibulk length");
    }
    // A negative one is an empty command, as with Redis.
    expected = Math.max(0, arguments);
    at = (int) line;
    return true;
  }

  private boolean parseBulkLength(long from, int available) {
    if (at == available) {
      return false;
    }
    byte mark = NativeBytes.get(from + at);
    if (mark != '$') {
      throw new RespProtocolException(
          "expected '$', got '" + (mark > ' ' && mark < 127 ? (char) mark : '?') + "'");
    }
    long line = number(from, at + 1, available);
    if (line == CUT_OFF) {
      return false;
    }
    int length = (int) (line >> 32);
    if (line == NO_NUMBER || length < 0 || length > MAX_COMMAND_BYTES) {
      throw new RespProtocolException("invalid bulk length");
    }
    if (!isTrusted && length > MAX_BULK_BYTES_BEFORE_AUTH) {
      throw new RespProtocolException("unauthenticated bulk length");
    }
    at = (int) line;
    if ((long) at + length + 2 > MAX_COMMAND_BYTES) {
      throw new RespProtocolException(
          "too big request, more than " + MAX_COMMAND_BYTES + " bytes in a command");
    }
    bulkLength = length;
    return true;
  }

  /**
   * Reads a number and the end of its line.
   *
   * @return the number in the upper half, where the next line begins in the lower; or CUT_OFF, or
   *     NO_NUMBER
   */
  private static long number(long from, int begin, int available) {
    int next = begin;
    boolean isNegative = next < available && NativeBytes.get(from + next) == '-';
    if (isNegative) {
      next++;
    }
    int firstDigit = next;
    int value = 0;
    while (next < available) {
      int digit = NativeBytes.get(from + next) - '0';
      if (digit < 0 || digit > 9) {
        break;
      }
      if (next - firstDigit == MAX_DIGITS) {
        return NO_NUMBER;
      }
      value = 10 * value + digit;
      next++;
    }
    if (next == available) {
      return CUT_OFF;
    }
    if (NativeBytes.get(from + next) != '\r' || next == firstDigit) {
      return NO_NUMBER;
    }
    if (next + 1 == available) {
      return CUT_OFF;
    }
    if (NativeBytes.get(from + next + 1) != '\n') {
      return NO_NUMBER;
    }
    // No number is CUT_OFF or NO_NUMBER: those would have to end beyond any buffer.
    return (long) (isNegative ? -value : value) << 32 | next + 2;
  }

  /** {@code at}: up to where no end of the line was found so far. */
  private int parseInline(long from, int available) {
    int end = at;
    while (end < available && NativeBytes.get(from + end) != '\n') {
      end++;
    }
    if (end > MAX_INLINE_BYTES) {
      throw new RespProtocolException("too big inline request");
    }
    if (end == available) {
      at = end;
      return 0;
    }
    int lineEnd = end > 0 && NativeBytes.get(from + end - 1) == '\r' ? end - 1 : end;
    int next = skipBlanks(from, 0, lineEnd);
    while (next < lineEnd) {
      next = skipBlanks(from, parseWord(from, next, lineEnd), lineEnd);
      if (!isTrusted && count > MAX_ARGUMENTS_BEFORE_AUTH) {
        throw new RespProtocolException("unauthenticated multibulk length");
      }
    }
    isComplete = true;
    return end + 1;
  }

  private static int skipBlanks(long from, int begin, int end) {
    int next = begin;
    while (next < end && isBlank(NativeBytes.get(from + next))) {
      next++;
    }
    return next;
  }

  private static boolean isBlank(byte character) {
    return character == ' ' || (character >= '\t' && character <= '\r') || character == 0;
  }

  /** Reads a word and moves its bytes together, over quotes and backslashes. */
  private int parseWord(long from, int begin, int end) {
    int next = begin;
    int written = begin;
    while (next < end && !isBlank(NativeBytes.get(from + next))) {
      byte character = NativeBytes.get(from + next);
      if (character != '"' && character != '\'') {
        NativeBytes.put(from + written++, character);
        next++;
        continue;
      }
      next++;
      boolean isClosed = false;
      while (next < end && !isClosed) {
        byte inside = NativeBytes.get(from + next);
        if (inside == character) {
          isClosed = true;
          next++;
        } else if (inside == '\\' && next + 1 < end) {
          int length = escapeLength(from, next, end, character == '"');
          NativeBytes.put(from + written++, escaped(from, next, length, character == '"'));
          next += length;
        } else {
          NativeBytes.put(from + written++, inside);
          next++;
        }
      }
      if (!isClosed || (next < end && !isBlank(NativeBytes.get(from + next)))) {
        throw new RespProtocolException("unbalanced quotes in request");
      }
    }
    addArgument(begin, written - begin);
    return next;
  }

  private static int escapeLength(long from, int at, int end, boolean isDouble) {
    if (!isDouble) {
      return NativeBytes.get(from + at + 1) == '\'' ? 2 : 1;
    }
    boolean isHex =
        at + 3 < end
            && NativeBytes.get(from + at + 1) == 'x'
            && Character.digit(NativeBytes.get(from + at + 2), 16) >= 0
            && Character.digit(NativeBytes.get(from + at + 3), 16) >= 0;
    return isHex ? 4 : 2;
  }

  private static int escaped(long from, int at, int length, boolean isDouble) {
    if (length == 1) {
      return '\\';
    }
    byte character = NativeBytes.get(from + at + 1);
    if (length == 4) {
      return Character.digit(NativeBytes.get(from + at + 2), 16) << 4
          | Character.digit(NativeBytes.get(from + at + 3), 16);
    }
    if (!isDouble) {
      return character;
    }
    return switch (character) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'a' -> 7;
      default -> character;
    };
  }

  /** Whether the name of the command is this one of lower-case letters. */
  boolean isNamed(long from, byte[] name) {
    if (count == 0 || lengths[0] != name.length) {
      return false;
    }
    long address = from + offsets[0];
    for (int i = 0; i < name.length; i++) {
      if ((NativeBytes.get(address + i) | 0x20) != name[i]) {
        return false;
      }
    }
    return true;
  }

  /** An argument as text. */
  String text(long from, int argument) {
    return new String(
        NativeBytes.copyOf(from + offsets[argument], lengths[argument]), StandardCharsets.UTF_8);
  }
}
