package io.featurekv.loader.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response as a stream that gives up where nothing comes for a while, which the one
 * of the JDK does not. Holds what one delivery brings, and asks for the next when that is taken.
 * The stream is for one thread.
 */
final class HttpBody extends InputStream implements BodySubscriber<InputStream> {
  /** One delivery, and that it was the last one. */
  private static final int MAX_WAITING = 2;

  private final Duration patience;
  private final BlockingQueue<Delivery> deliveries = new ArrayBlockingQueue<>(MAX_WAITING);
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  private final Queue<ByteBuffer> current = new ArrayDeque<>();
  private @Nullable Delivery last;

  /** Bytes; none and maybe a failure: the end. */
  private record Delivery(List<ByteBuffer> bytes, boolean isLast, @Nullable Throwable failure) {}

  HttpBody(Duration patience) {
    this.patience = patience;
  }

  @Override
  public CompletionStage<InputStream> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription.complete(given);
    given.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> bytes) {
    deliveries.add(new Delivery(List.copyOf(bytes), false, null));
  }

  @Override
  public void onError(Throwable failure) {
    deliveries.add(new Delivery(List.of(), true, failure));
  }

  @Override
  public void onComplete() {
    deliveries.add(new Delivery(List.of(), true, null));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (current.isEmpty() || !current.element().hasRemaining()) {
      if (current.poll() == null && !takeDelivery()) {
        return -1;
      }
    }
    ByteBuffer bytes = current.element();
    int count = Math.min(length, bytes.remaining());
    bytes.get(target, offset, count);
    return count;
  }

  /** Waits for the next delivery; false at the end. */
  private boolean takeDelivery() throws IOException {
    Delivery delivery = last;
    if (delivery == null) {
      delivery = await();
    }
    if (!delivery.isLast()) {
      current.addAll(delivery.bytes());
      subscription.join().request(1);
      return true;
    }
    last = delivery;
    if (delivery.failure() != null) {
      throw new IOException(delivery.failure().getMessage(), delivery.failure());
    }
    return false;
  }

  private Delivery await() throws IOException {
    try {
      Delivery delivery = deliveries.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (delivery == null) {
        throw new IOException("nothing has come for " + patience.toMillis() + " ms");
      }
      return delivery;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw HttpFile.interrupted(e);
    }
  }

  /** Stops what is still on its way. */
  @Override
  public void close() {
    subscription.thenAccept(Flow.Subscription::cancel);
  }
}
