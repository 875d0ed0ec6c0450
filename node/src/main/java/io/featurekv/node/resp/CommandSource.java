package io.featurekv.node.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Bytes with commands one behind the other, and how far they were worked through.
 *
 * <p>Invariants: what lies before the buffer's reader index is not needed any more; what lies from
 * there to {@code start} is, by reads under way; the command at {@code start} was not executed yet.
 */
final class CommandSource {
  private final CommandParser parser = new CommandParser();
  private ByteBuf bytes = Unpooled.EMPTY_BUFFER;
  private int start;
  private int length;
  private boolean hasCommand;

  CommandParser parser() {
    return parser;
  }

  ByteBuf bytes() {
    return bytes;
  }

  /** Goes on in this buffer outside the heap, which begins with what was left of the last one. */
  void use(ByteBuf next) {
    bytes = next;
  }

  /** Whether there is a whole command, which was not executed. */
  boolean parse() {
    if (!hasCommand && bytes.isReadable()) {
      length = parser.parse(address() + start, bytes.readableBytes() - start);
      hasCommand = length > 0;
    }
    return hasCommand;
  }

  boolean hasCommand() {
    return hasCommand;
  }

  /** Address of the first byte that is still needed; offsets are relative to it. */
  long address() {
    return bytes.memoryAddress() + bytes.readerIndex();
  }

  int size() {
    return bytes.readableBytes();
  }

  /** Where the command begins. */
  int start() {
    return start;
  }

  /** Address of an argument. */
  long address(int argument) {
    return address() + offset(argument);
  }

  int offset(int argument) {
    return start + parser.offset(argument);
  }

  int count() {
    return parser.count();
  }

  int length(int argument) {
    return parser.length(argument);
  }

  String text(int argument) {
    return parser.text(address() + start, argument);
  }

  boolean isNamed(byte[] name) {
    return parser.isNamed(address() + start, name);
  }

  /** The command was executed, or its keys are among those under way. */
  void done() {
    start += length;
    length = 0;
    if (hasCommand) {
      parser.begin();
    }
    hasCommand = false;
  }

  /** No read is under way. */
  void free() {
    bytes.skipBytes(start);
    start = 0;
  }

  /** Nothing of it is needed. */
  void release() {
    bytes.release();
    bytes = Unpooled.EMPTY_BUFFER;
    start = 0;
    length = 0;
    hasCommand = false;
  }
}
