package io.featurekv.node.resp;

import org.jspecify.annotations.Nullable;

/**
 * What one connection has said of itself. Its event loop's, but for the version, which is read
 * where a reply is written.
 */
final class Session {
  private final long id;
  private final RespDatabases databases;
  private volatile boolean isThree;
  private boolean isAuthenticated;
  private int database;
  private @Nullable String table;
  private String name = "";
  private String libraryName = "";
  private String libraryVersion = "";

  Session(long id, RespDatabases databases, boolean isAuthenticated) {
    this.id = id;
    this.databases = databases;
    reset(isAuthenticated);
  }

  /** As it was when the connection was new. */
  void reset(boolean authenticated) {
    isThree = false;
    isAuthenticated = authenticated;
    database = 0;
    table = databases.table(0);
    name = "";
  }

  long id() {
    return id;
  }

  /** Whether version 3 of the protocol is spoken, not 2. */
  boolean isThree() {
    return isThree;
  }

  void speakThree(boolean three) {
    isThree = three;
  }

  boolean isAuthenticated() {
    return isAuthenticated;
  }

  void authenticate() {
    isAuthenticated = true;
  }

  /** Number of the selected database; 0 also where a table was selected by its name. */
  int database() {
    return database;
  }

  /** The table that all keys are of; null where keys name theirs. */
  @Nullable String table() {
    return table;
  }

  void select(int newDatabase, @Nullable String newTable) {
    database = newDatabase;
    table = newTable;
  }

  String name() {
    return name;
  }

  void name(String newName) {
    name = newName;
  }

  void library(String newName) {
    libraryName = newName;
  }

  void libraryVersion(String newVersion) {
    libraryVersion = newVersion;
  }

  /** The line of CLIENT INFO. */
  String describe(String remote, String local, boolean isInMulti) {
    return "id=%d addr=%s laddr=%s name=%s db=%d multi=%d resp=%d lib-name=%s lib-ver=%s user=default"
        .formatted(
            id,
            remote,
            local,
            name,
            database,
            isInMulti ? 1 : -1,
            isThree ? 3 : 2,
            libraryName,
            libraryVersion);
  }
}
