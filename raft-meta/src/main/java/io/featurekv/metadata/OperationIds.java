package io.featurekv.metadata;

import java.security.SecureRandom;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Operation ids: UUIDs of version 7 (RFC 9562), whose first 48 bits are milliseconds since 1970.
 * Their text sorts by time.
 *
 * <p>Rules that the metadata keeps: the first command with an id decides, and its result is
 * remembered for at least {@link #KEPT_MILLIS}; the same id with the same command is answered with
 * that result, with another command it is refused with INVALID_ARGUMENT; an id so old that it may
 * have been forgotten is refused with EXPIRED. A refusal with TRY_AGAIN is not remembered.
 *
 * <p>Not remembered, so that the map stays small, because repeating them changes nothing:
 * ReportHeld, ReportDropped, ReportReady, ReportLoadFailure, RegisterMerged, ReportMergedHeld and
 * ReportMergedDropped (guarded by the session), ReportProgress, LoseWork and SealBuild (guarded by
 * the attempt), CheckInputs, LeaseWork, ReportWork, FinishSplit, FinishShard and FailWork (guarded
 * by both), SetNodeState, SetVoters, AdvanceVersion, CompleteMerge, StartCanary, EndCanary and
 * ReportCanary. These may carry any id. A task is remembered by its task id besides, in {@link
 * ClusterMetadata#tasks()}, for as long as its table lives.
 *
 * <p>The time that decides is the earliest {@code issuedAtMillis} of the last {@link #WITNESSES}
 * remembered commands in the order of the log, and one command moves the boundary by at most {@link
 * #LARGEST_STEP_MILLIS}: a wrong clock must not make everybody else's ids look old as long as
 * anybody else's command is among so many.
 */
public final class OperationIds {
  /** How long a command is remembered. */
  public static final long KEPT_MILLIS = 24 * 3_600_000L;

  /** How far one command moves the boundary before which ids are refused. */
  static final long LARGEST_STEP_MILLIS = 3_600_000L;

  /** How far it moves at least, so that witnesses are not looked for at every command. */
  static final long SMALLEST_STEP_MILLIS = 60_000L;

  /** So many commands have to agree that a day has passed. */
  static final int WITNESSES = 100;

  /**
   * How many commands are remembered; beyond it the oldest are forgotten, and the boundary moves.
   */
  static final int MAX_REMEMBERED = 100_000;

  private static final int TEXT_LENGTH = 36;
  private static final SecureRandom RANDOM = new SecureRandom();

  private OperationIds() {}

  /** A new id made at {@code nowMillis}. */
  public static String next(long nowMillis) {
    return next(nowMillis, RANDOM);
  }

  /** A new id with its random part from {@code random}. */
  public static String next(long nowMillis, RandomGenerator random) {
    long high = (nowMillis << 16) | 0x7000L | (random.nextLong() & 0x0FFFL);
    long low = (random.nextLong() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
    return new UUID(high, low).toString();
  }

  /** The time inside an id, or empty if it is not a UUID of version 7 in lower case. */
  public static OptionalLong timeMillis(String operationId) {
    if (operationId.length() != TEXT_LENGTH) {
      return OptionalLong.empty();
    }
    try {
      UUID uuid = UUID.fromString(operationId);
      boolean canonical = uuid.toString().equals(operationId);
      return canonical && uuid.version() == 7
          ? OptionalLong.of(uuid.getMostSignificantBits() >>> 16)
          : OptionalLong.empty();
    } catch (IllegalArgumentException e) {
      return OptionalLong.empty();
    }
  }
}
