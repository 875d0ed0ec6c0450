package io.featurekv.node.serving;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.RowBytes;
import io.featurekv.model.RowJson;
import io.featurekv.model.RowProjection;
import io.featurekv.model.RowProjector;
import io.featurekv.model.RowSchema;
import io.featurekv.model.RowView;
import io.featurekv.protocol.BatchValues;
import io.featurekv.protocol.ValueStatus;
import io.featurekv.storage.LookupResult;
import io.featurekv.storage.NativeRowBytes;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What is known of each key of a batch: from the files that are open here, and from other nodes.
 * One thread's; valid while the leases are held under which it was looked up.
 */
public final class KeyAnswers {
  private static final byte[][] NO_TEXTS = {};
  private static final String NO_ROW = "the value is no row of the table's columns";
  private static final String NOT_OPEN = "the shard is not open on this node";
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private final LookupResult local;
  private final RowProjector projector = new RowProjector();
  // By key that is FOUND, where values are wanted in another form.
  private int[] lengths = new int[0];
  private byte[] @Nullable [] texts = NO_TEXTS;
  private @Nullable ValueForm form;
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
    form = query.form();
  }

  /**
   * Looks at values that are wanted in another form, so that their lengths are known; a value that
   * is no row fails its key.
   */
  void shape() {
    if (form instanceof ValueForm.Columns columns && columns.projection() != null) {
      measure(columns.projection());
    } else if (form instanceof ValueForm.Json json) {
      render(json.schema());
    }
  }

  private void measure(RowProjection projection) {
    lengths = lengths.length < count ? new int[Limits.MAX_BATCH_KEYS] : lengths;
    for (int key = 0; key < count; key++) {
      if (isLocal(key)) {
        lengths[key] =
            projector.length(
                projection, NativeRowBytes.ALL, local.valueAddress(key), local.length(key));
        if (lengths[key] == RowProjector.NO_ROW) {
          local.fail(key, NO_ROW);
        }
      }
    }
  }

  private boolean isLocal(int key) {
    return local.state(key) == LookupResult.FOUND && remoteAnswer(key) == null;
  }

  private void render(RowSchema schema) {
    RowView row = new RowView(schema);
    StringBuilder text = new StringBuilder();
    texts = new byte[count][];
    long bytes = 0;
    for (int key = 0; key < count; key++) {
      if (bytes > Limits.REPLY_SOFT_LIMIT_BYTES && isLocal(key)) {
        local.defer(key);
      } else if (state(key) == LookupResult.FOUND) {
        text.setLength(0);
        ByteBuffer value = remoteValue(key);
        try {
          if (value == null) {
            row.wrap(NativeRowBytes.ALL, local.valueAddress(key), local.length(key));
          } else {
            row.wrap(RowBytes.of(value), value.position(), value.remaining());
          }
          RowJson.append(row, text);
          texts[key] = text.toString().getBytes(StandardCharsets.UTF_8);
          bytes += texts[key].length;
        } catch (FeatureKvException e) {
          fail(key, e);
        }
      }
    }
  }

  private void fail(int key, FeatureKvException error) {
    Forwarder.Gathered gathered = remote;
    if (gathered != null && gathered.answers().remove(key) != null) {
      gathered.errors().put(key, error);
    } else {
      local.fail(key, error.getMessage());
    }
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
      Forwarder.RemoteAnswer answer = remoteAnswer(key);
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

  private Forwarder.@Nullable RemoteAnswer remoteAnswer(int key) {
    return remote == null ? null : remote.answers().get(key);
  }

  /** Length of a FOUND key's value, in the form that is wanted. */
  public int length(int key) {
    byte[] text = text(key);
    if (text != null) {
      return text.length;
    }
    ByteBuffer value = remoteValue(key);
    if (value != null) {
      return value.remaining();
    }
    return projection() == null ? local.length(key) : lengths[key];
  }

  private byte @Nullable [] text(int key) {
    return form instanceof ValueForm.Json ? texts[key] : null;
  }

  private @Nullable RowProjection projection() {
    return form instanceof ValueForm.Columns columns ? columns.projection() : null;
  }

  /**
   * Copies the value of a FOUND key, in the form that is wanted.
   *
   * @param target address in memory where the caller has room for {@link #length}
   */
  public void copyValue(int key, long target) {
    byte[] text = text(key);
    ByteBuffer value = remoteValue(key);
    RowProjection projection = projection();
    if (text != null) {
      NativeRowBytes.ALL.put(target, text, 0, text.length);
    } else if (value != null) {
      int length = value.remaining();
      MemorySegment.copy(MemorySegment.ofBuffer(value), 0, MEMORY, target, length);
    } else if (projection != null) {
      projector.write(
          projection,
          NativeRowBytes.ALL,
          local.valueAddress(key),
          local.length(key),
          NativeRowBytes.ALL,
          target);
    } else {
      local.copyValue(key, target);
    }
  }

  private @Nullable ByteBuffer remoteValue(int key) {
    Forwarder.RemoteAnswer answer = remoteAnswer(key);
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
    form = null;
    texts = NO_TEXTS;
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
