package io.featurekv.cli.read;

import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableName;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code featurekv scan}. */
@Command(
    name = "scan",
    header = "Reads entries in key order, all at one version of the table.",
    description =
        "For tables of kind idx and blk; mem tables have no order. Output begins at once, whatever the size.")
@Examples({
  "featurekv scan items --prefix book: --limit 20",
  "featurekv scan items --from a --to b -o jsonl",
  "featurekv scan items --version 7 --limit 100",
  "featurekv scan people --prefix a --columns born,score -o jsonl"
})
public final class ScanCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "TABLE", description = "Name of the table.")
  private String table = "";

  @Option(names = "--prefix", paramLabel = "P", description = "Only keys that begin with this.")
  private @Nullable String prefix;

  @Option(names = "--from", paramLabel = "K", description = "The first key, itself included.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "K", description = "The key to stop before.")
  private @Nullable String to;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most so many entries (default: all).")
  private long limit;

  @Option(
      names = "--version",
      paramLabel = "V",
      description = "Version to read (default: the active one).")
  private long version;

  @Option(
      names = "--columns",
      paramLabel = "C,...",
      split = ",",
      description = "Of a table with columns: those to read (default: all).")
  private List<String> columns = List.of();

  @Option(
      names = "--key-format",
      paramLabel = "utf8|hex|base64",
      defaultValue = "utf8",
      description = "How keys are written (default: ${DEFAULT-VALUE}).")
  private KeyFormat keyFormat = KeyFormat.UTF8;

  ScanCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    TableName.checked("table", table);
    ClusterReader.Range range = range(bytes(prefix), bytes(from), bytes(to));
    try (ClusterReader reader =
            ClusterReader.connect(
                session.global().endpoints(), session.timeoutOr(Session.DEFAULT_TIMEOUT));
        ScanOutput output = ScanOutput.open(session, table, keyFormat)) {
      reader.scan(table, version, range, limit, columns, output);
    } catch (FeatureKvException e) {
      throw MissingVersion.explain(session, table, version, e);
    }
    return ExitCode.DONE;
  }

  private byte @Nullable [] bytes(@Nullable String text) {
    return text == null || text.isEmpty() ? null : keyFormat.bytes(text);
  }

  /**
   * The keys that begin with {@code prefix} and lie in {@code from} until {@code to}; null leaves a
   * side open.
   */
  static ClusterReader.Range range(
      byte @Nullable [] prefix, byte @Nullable [] from, byte @Nullable [] to) {
    if (prefix == null) {
      return new ClusterReader.Range(from, to);
    }
    byte[] end = after(prefix);
    boolean isFromLater = from != null && Arrays.compareUnsigned(from, prefix) > 0;
    boolean isToEarlier = to != null && (end == null || Arrays.compareUnsigned(to, end) < 0);
    return new ClusterReader.Range(isFromLater ? from : prefix, isToEarlier ? to : end);
  }

  /** The first key after all that begin with {@code prefix}; null when there is none. */
  private static byte @Nullable [] after(byte[] prefix) {
    for (int last = prefix.length - 1; last >= 0; last--) {
      if (prefix[last] != (byte) 0xFF) {
        byte[] next = Arrays.copyOf(prefix, last + 1);
        next[last]++;
        return next;
      }
    }
    return null;
  }
}
