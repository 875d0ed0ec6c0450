package io.featurekv.chaos.instruments;

import io.featurekv.chaos.instruments.TcpProxy.Fault;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;

/**
 * One direction between two names of a {@link TcpProxy}: what the one sends to the other, whoever
 * connected. Faults are in force from the call until {@link #heal}. Thread-safe.
 */
public final class Link {
  /** Bodies of frames have their fields at the front; what follows them is bytes of files. */
  private static final int LEAST_BODY_OFFSET = 512;

  private final Random random;
  private final Counts counts;
  private Flow flow = Flow.PASSES;
  private Duration leastDelay = Duration.ZERO;
  private Duration mostDelay = Duration.ZERO;
  private long bytesPerSecond;
  private Harm harm = Harm.FLIP;
  private double share;
  private Set<Integer> types = Set.of();
  private int leastBodyBytes;
  private int harmsLeft;

  /** Whether bytes come through at all. */
  enum Flow {
    PASSES,
    /** They wait, as packets that are sent again until they arrive. */
    HELD,
    /** They are taken and lost; what follows on the same connection after them makes no sense. */
    SWALLOWED
  }

  /** What is done to bytes on their way. */
  public enum Harm {
    /** One bit is turned. */
    FLIP(Fault.FLIPPED),
    /** They come twice. */
    DOUBLE(Fault.DOUBLED),
    /** The second half comes before the first. */
    REORDER(Fault.REORDERED),
    /** The second half does not come. */
    CUT_SHORT(Fault.CUT_SHORT);

    private final Fault fault;

    Harm(Fault fault) {
      this.fault = fault;
    }
  }

  /** What becomes of a chunk. */
  record Passage(byte[] chunk, long delayNanos) {}

  Link(long seed, Counts counts) {
    this.random = new Random(seed);
    this.counts = counts;
  }

  /** Each chunk is late by a time in between; their order stays. */
  public synchronized void delay(Duration least, Duration most) {
    if (least.compareTo(most) > 0) {
      throw new IllegalArgumentException("least delay " + least + " is over most " + most);
    }
    leastDelay = least;
    mostDelay = most;
  }

  /** No more than so many bytes a second come through a connection. */
  public synchronized void pace(long bytesPerSecond) {
    if (bytesPerSecond <= 0) {
      throw new IllegalArgumentException("bytes per second: " + bytesPerSecond);
    }
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Nothing comes through and nothing is lost: connections stay, and wait. */
  public synchronized void hold() {
    flow = Flow.HELD;
  }

  /** Everything is taken and lost: the sender believes that it arrived. */
  public synchronized void swallow() {
    flow = Flow.SWALLOWED;
    notifyAll();
  }

  /**
   * Harms long frames of this project's protocol within their bodies, behind their first fields: it
   * takes a share of the chunks of up to {@value TcpProxy#CHUNK_BYTES} bytes that they come in.
   *
   * @param types of the frames, as docs/protocol.md counts them
   * @param leastBodyBytes shorter frames are left alone
   * @param times at most; one harm can break many frames
   */
  public synchronized void harm(
      Harm harm, Set<Integer> types, double share, int leastBodyBytes, int times) {
    this.harm = harm;
    this.types = Set.copyOf(types);
    this.share = share;
    this.leastBodyBytes = leastBodyBytes;
    this.harmsLeft = times;
  }

  /** No faults any more. */
  public synchronized void heal() {
    flow = Flow.PASSES;
    leastDelay = Duration.ZERO;
    mostDelay = Duration.ZERO;
    bytesPerSecond = 0;
    harmsLeft = 0;
    notifyAll();
  }

  synchronized boolean isSwallowing() {
    return flow == Flow.SWALLOWED;
  }

  /** Waits while nothing comes through, or until the connection is closed. */
  synchronized void awaitPassing(ProxiedConnection connection) throws InterruptedException {
    boolean isHeld = false;
    while (flow == Flow.HELD && connection.isOpen()) {
      if (!isHeld) {
        counts.add(Fault.HELD);
        isHeld = true;
      }
      wait();
    }
  }

  /** Wakes who waits, so that it sees that its connection is closed. */
  synchronized void wake() {
    notifyAll();
  }

  synchronized Passage pass(byte[] chunk, FrameCursor.Part body) {
    FrameCursor.Part part = body.from(LEAST_BODY_OFFSET);
    long span = mostDelay.minus(leastDelay).toNanos();
    long delay = leastDelay.toNanos() + (span == 0 ? 0 : random.nextLong(span));
    if (delay > 0) {
      counts.add(Fault.DELAYED);
    }
    if (harmsLeft == 0
        || part.length() < 2
        || !types.contains(part.type())
        || part.bodyBytes() < leastBodyBytes
        || random.nextDouble() >= share) {
      return new Passage(chunk, delay);
    }
    harmsLeft--;
    counts.add(harm.fault);
    return new Passage(harmed(chunk, part), delay);
  }

  private byte[] harmed(byte[] chunk, FrameCursor.Part part) {
    int from = part.offset();
    int middle = from + part.length() / 2;
    int to = from + part.length();
    return switch (harm) {
      case FLIP -> {
        byte[] flipped = chunk.clone();
        flipped[from + random.nextInt(part.length())] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        yield flipped;
      }
      case DOUBLE -> joined(chunk, 0, to, from, chunk.length);
      case REORDER -> {
        byte[] moved = chunk.clone();
        System.arraycopy(chunk, middle, moved, from, to - middle);
        System.arraycopy(chunk, from, moved, from + to - middle, middle - from);
        yield moved;
      }
      case CUT_SHORT -> joined(chunk, 0, middle, to, chunk.length);
    };
  }

  private static byte[] joined(byte[] chunk, int from, int to, int thenFrom, int thenTo) {
    byte[] all = Arrays.copyOf(Arrays.copyOfRange(chunk, from, to), to - from + thenTo - thenFrom);
    System.arraycopy(chunk, thenFrom, all, to - from, thenTo - thenFrom);
    return all;
  }

  /** How long the sender has to wait after so many bytes. */
  synchronized long pauseNanos(int bytes) {
    if (bytesPerSecond == 0) {
      return 0;
    }
    counts.add(Fault.PACED);
    return (long) (bytes * 1e9 / bytesPerSecond);
  }
}
