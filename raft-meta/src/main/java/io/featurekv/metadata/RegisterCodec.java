package io.featurekv.metadata;

import io.featurekv.metadata.message.CompareAndSetRegisterMessage;
import io.featurekv.metadata.message.RegisterMessage;

/** Registers and the commands about them. */
final class RegisterCodec {
  private RegisterCodec() {}

  static RegisterMessage encode(long key, long value) {
    return RegisterMessage.newBuilder().setKey(key).setValue(value).build();
  }

  static RegisterMessage encode(Command.WriteRegister command) {
    return encode(command.key(), command.value());
  }

  static Command decode(RegisterMessage message) {
    return new Command.WriteRegister(message.getKey(), message.getValue());
  }

  static CompareAndSetRegisterMessage encode(Command.CompareAndSetRegister command) {
    return CompareAndSetRegisterMessage.newBuilder()
        .setKey(command.key())
        .setFrom(command.from())
        .setTo(command.to())
        .build();
  }

  static Command decode(CompareAndSetRegisterMessage message) {
    return new Command.CompareAndSetRegister(message.getKey(), message.getFrom(), message.getTo());
  }
}
