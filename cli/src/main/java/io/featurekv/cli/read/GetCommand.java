package io.featurekv.cli.read;

import io.featurekv.cli.read.Reading.Status;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code featurekv get}. */
@Command(
    name = "get",
    header = "Reads keys, all at one version of the table.",
    description = {
      "Exits with 0 when every key was FOUND or ABSENT, with 3 when some key FAILED, with 4 when there is no such table",
      "or version."
    })
@Examples({
  "featurekv get users 1001 1002",
  "featurekv get users 1001 --version 7 -o json",
  "featurekv get people ada alan --columns born,score -o json",
  "featurekv get users --keys-file ids.txt -o jsonl",
  "cut -d, -f1 users.csv | featurekv get users --keys-file -",
  "featurekv get blobs 00ff17 --key-format hex"
})
public final class GetCommand implements Callable<Integer> {
  /** Keys that are read together; more are read in turn, at the version of the first. */
  static final int BATCH_KEYS = 500;

  private final Session session;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "TABLE", description = "Name of the table.")
  private String table = "";

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "KEY",
      description = "Keys; after -- even those that begin with a dash.")
  private List<String> keys = List.of();

  @Option(
      names = "--keys-file",
      paramLabel = "FILE",
      description = "Reads further keys from a file, one a line; - for standard input.")
  private String keysFile = "";

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

  GetCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    TableName.checked("table", table);
    List<byte[]> wanted = new ArrayList<>();
    for (String key : keys) {
      wanted.add(keyFormat.decode(key));
    }
    if (!keysFile.isEmpty()) {
      readKeys(wanted);
    } else if (keys.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "no key is given: name some, or a file of them with --keys-file");
    }
    boolean anyFailed = false;
    try (ClusterReader reader =
            ClusterReader.connect(
                session.global().endpoints(), session.timeoutOr(Session.DEFAULT_TIMEOUT));
        GetOutput output = GetOutput.open(session, table, keyFormat)) {
      long pinned = version;
      for (int from = 0; from < wanted.size(); from += BATCH_KEYS) {
        List<byte[]> part = wanted.subList(from, Math.min(wanted.size(), from + BATCH_KEYS));
        ClusterReader.Batch batch = reader.getRows(table, pinned, part, columns);
        pinned = batch.version();
        output.write(batch);
        anyFailed |=
            batch.readings().stream().anyMatch(reading -> reading.status() == Status.FAILED);
      }
    } catch (FeatureKvException e) {
      throw MissingVersion.explain(session, table, version, e);
    }
    return anyFailed ? ExitCode.PARTLY_DONE : ExitCode.DONE;
  }

  private void readKeys(List<byte[]> wanted) throws IOException {
    try (InputStream in =
            keysFile.equals("-")
                ? session.streams().in()
                : Files.newInputStream(Path.of(keysFile));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      long number = 0;
      String line;
      while ((line = lines.readLine()) != null) {
        number++;
        if (!line.isEmpty()) {
          wanted.add(decodeLine(line, number));
        }
      }
    } catch (NoSuchFileException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, "--keys-file " + keysFile + " does not exist", e);
    }
  }

  private byte[] decodeLine(String line, long number) {
    try {
      return keyFormat.decode(line);
    } catch (FeatureKvException e) {
      throw new FeatureKvException(e.code(), keysFile + ":" + number + ": " + e.getMessage(), e);
    }
  }
}
