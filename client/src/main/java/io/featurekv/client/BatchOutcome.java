package io.featurekv.client;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What is made of the answers of a batch.
 *
 * @param <T> the result
 */
interface BatchOutcome<T> {
  /** Whether the result needs the bytes of the replies after {@link #complete} has returned. */
  boolean outlivesReplies();

  /** Ends the future, with the answers or with what is made of them. */
  void complete(
      CompletableFuture<T> result,
      String table,
      long version,
      long readTimeMillis,
      Answers answers);

  /** A result that can be kept. */
  BatchOutcome<BatchResult> RESULT =
      new BatchOutcome<>() {
        @Override
        public boolean outlivesReplies() {
          return true;
        }

        @Override
        public void complete(
            CompletableFuture<BatchResult> result,
            String table,
            long version,
            long readTimeMillis,
            Answers answers) {
          result.complete(new BatchResult(table, version, readTimeMillis, answers));
        }
      };

  /** The value of the one key that a batch has, which has not failed; empty when it is ABSENT. */
  BatchOutcome<Optional<byte[]>> SINGLE_VALUE = of(BatchOutcome::singleValue);

  private static Optional<byte[]> singleValue(BatchView view) {
    int length = view.valueLength(0);
    if (length < 0) {
      return Optional.empty();
    }
    byte[] value = new byte[length];
    view.copyValue(0, value, 0);
    return Optional.of(value);
  }

  /** Whatever a reader makes of a view. */
  static <R> BatchOutcome<R> of(BatchReader<R> reader) {
    return new BatchOutcome<>() {
      @Override
      public boolean outlivesReplies() {
        return false;
      }

      @Override
      public void complete(
          CompletableFuture<R> result,
          String table,
          long version,
          long readTimeMillis,
          Answers answers) {
        BatchView view = new BatchView(table, version, readTimeMillis, answers);
        R made;
        try {
          made = reader.read(view);
        } catch (Throwable e) {
          view.close();
          result.completeExceptionally(e);
          return;
        }
        view.close();
        // What hangs on the future runs when the view is over, whoever is to blame.
        result.complete(made);
      }
    };
  }
}
