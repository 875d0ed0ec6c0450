package io.featurekv.node.serving;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.BatchValues;
import io.featurekv.protocol.ValueStatus;
import io.featurekv.storage.LookupResult;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of each key of a batch: from the files that are open here, and from other nodes.
 * One thread's; valid while the leases are held under which it was looked up.
 */
public final class KeyAnswers {
  private static final String NOT_OPEN = "the shard is not open on this node";
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private final LookupResult local;
  private Forwarder.@Nullable Gathered remote;
  private long version;
  private long metadataIndex;
  private int count;

  KeyAnswers(LookupResult local) {
    this.local = local;
  }

  void begin(BatchQuery query, int newCount, Forwarder.@Nullable Gathered gathered) {
    version = query.version().number();
    metadataIndex = query.metadataIndex();
    count = newCount;
    remote = gathered;
  }

  /** The version that every answer is of. */
  public long version() {
    return version;
  }

  /** Index of the metadata by which the version was chosen. */
  public long metadataIndex() {
    return metadataIndex;
  }

  /** How many keys were asked for. */
  public int count() {
    return count;
  }

  /**
   * {@link LookupResult#FOUND}, ABSENT, DEFERRED (no room was left for its value, ask again) or
   * anything else: FAILED.
   */
  public byte state(int key) {
    if (remote != null) {
      Forwarder.RemoteAnswer answer = remote.answers().get(key);
      if (answer != null) {
        return stateOf(answer.values().status(answer.index()));
      }
    }
    return local.state(key);
  }

  private static byte stateOf(ValueStatus status) {
    return switch (status) {
      case FOUND -> LookupResult.FOUND;
      case ABSENT -> LookupResult.ABSENT;
      case DEFERRED -> LookupResult.DEFERRED;
      case FAILED -> LookupResult.FAILED;
    };
  }

  /** Length of a FOUND key's value. */
  public int length(int key) {
    ByteBuffer value = remoteValue(key);
    return value == null ? local.length(key) : value.remaining();
  }

  /**
   * Copies the value of a FOUND key.
   *
   * @param target address in memory where the caller has room for {@link #length}
   */
  public void copyValue(int key, long target) {
    ByteBuffer value = remoteValue(key);
    if (value == null) {
      local.copyValue(key, target);
    } else {
      int length = value.remaining();
      MemorySegment.copy(MemorySegment.ofBuffer(value), 0, MEMORY, target, length);
    }
  }

  private @Nullable ByteBuffer remoteValue(int key) {
    if (remote == null) {
      return null;
    }
    Forwarder.RemoteAnswer answer = remote.answers().get(key);
    return answer == null ? null : remoteValue(answer.values(), answer.index());
  }

  private static @Nullable ByteBuffer remoteValue(BatchValues values, int index) {
    return values.status(index) == ValueStatus.FOUND ? values.value(index) : null;
  }

  /**
   * To be called when all values are copied and nothing is sent yet: an error of a page that could
   * not be read, which the JDK may tell late, comes out here.
   */
  public void settle() {
    local.settle();
  }

  /** Lets go of what other nodes answered. */
  void end() {
    remote = null;
  }

  /** Why a key FAILED. */
  public ErrorCode errorCode(int key) {
    FeatureKvException error = remoteError(key);
    return error == null ? ErrorCode.UNAVAILABLE : error.code();
  }

  /** Why a key FAILED, for a person. */
  public String errorMessage(int key) {
    FeatureKvException error = remoteError(key);
    String text = error == null ? local.failure(key) : error.getMessage();
    return text == null ? NOT_OPEN : text;
  }

  private @Nullable FeatureKvException remoteError(int key) {
    return remote == null ? null : remote.errors().get(key);
  }
}
