package io.featurekv.node.resp;

import java.util.Locale;

/** One command that is to be executed, and what it may do to its connection. On its event loop. */
interface Call {
  /** Arguments, the command's name included. */
  int count();

  byte[] bytes(int argument);

  String text(int argument);

  /** An argument that is a word of the protocol. */
  default String word(int argument) {
    return text(argument).toLowerCase(Locale.ROOT);
  }

  Session session();

  RespShared shared();

  /** A reply in the session's version; it is to be {@link #send sent}. */
  ReplyBuilder reply();

  void send(ReplyBuilder reply);

  default void fail(String error) {
    send(reply().error(error));
  }

  default void ok() {
    send(reply().simple("OK"));
  }

  /** Reads keys and replies with what the shape makes of them. */
  void read(int firstKey, int keyCount, AnswerShape shape);

  /** MULTI. */
  void beginTransaction();

  /** EXEC. */
  void executeTransaction();

  /** DISCARD; says whether there was a transaction. */
  boolean discardTransaction();

  /** Limits of the parser go by whether the session is authenticated. */
  void trust();

  /** Closes the connection behind the last reply. */
  void closeAfterReply();

  /** The line of CLIENT INFO. */
  String describe();
}
