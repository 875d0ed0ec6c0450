package io.featurekv.node.resp;

import io.featurekv.model.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/** The commands between MULTI and EXEC, as they will be parsed again. One connection's. */
final class Transaction {
  static final int MAX_COMMANDS = 100_000;
  static final int MAX_BYTES = Limits.MAX_REQUEST_FRAME_BYTES;

  private final ByteBuf commands;
  private int count;
  private boolean isDirty;

  Transaction(ByteBufAllocator allocator) {
    commands = allocator.directBuffer();
  }

  int count() {
    return count;
  }

  long sizeBytes() {
    return commands.capacity();
  }

  /** Whether a command was refused, so that EXEC will be. */
  boolean isDirty() {
    return isDirty;
  }

  void soil() {
    isDirty = true;
  }

  /** Appends a copy of the command; false when there is no room for it. */
  boolean add(CommandSource source) {
    long bytes = commands.readableBytes() + 16L;
    for (int argument = 0; argument < source.count(); argument++) {
      bytes += source.length(argument) + 16L;
    }
    if (count == MAX_COMMANDS || bytes > MAX_BYTES) {
      return false;
    }
    count++;
    writeLine('*', source.count());
    for (int argument = 0; argument < source.count(); argument++) {
      int length = source.length(argument);
      writeLine('$', length);
      ByteBuf from = source.bytes();
      commands.writeBytes(from, from.readerIndex() + source.offset(argument), length);
      commands.writeByte('\r').writeByte('\n');
    }
    return true;
  }

  private void writeLine(char mark, int number) {
    commands.writeByte(mark);
    commands.writeCharSequence(Integer.toString(number), StandardCharsets.US_ASCII);
    commands.writeByte('\r').writeByte('\n');
  }

  /** The commands; whoever takes them releases them. */
  ByteBuf commands() {
    return commands.retain();
  }

  void release() {
    commands.release();
  }
}
