package io.featurekv.cli.read;

import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.storage.ShardFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code featurekv inspect}. */
@Command(
    name = "inspect",
    header = "Shows what a shard file says of itself and checks it, without a cluster.",
    description = "Exits with 1 when the file is damaged or none of FeatureKV's.")
@Examples({
  "featurekv inspect featurekv-data/tables/users/7/0.mdb",
  "featurekv inspect featurekv-data/tables/users/7/0.mdb -o json"
})
public final class InspectCommand implements Callable<Integer> {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Session session;

  @Parameters(paramLabel = "FILE", description = "A shard file.")
  private Path file = Path.of("");

  InspectCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new FeatureKvException(ErrorCode.NOT_FOUND, file + " is not a file");
    }
    long lengthBytes = Files.size(file);
    String sha256 = sha256(file);
    try {
      session.show(
          InspectView.sound(
              lengthBytes,
              sha256,
              ShardFiles.digestPieces(file).digest().hex(),
              ShardFiles.inspect(file)));
      return ExitCode.DONE;
    } catch (FeatureKvException e) {
      session.showJson(InspectView.damaged(lengthBytes, sha256, String.valueOf(e.getMessage())));
      throw e;
    }
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest sha256 = Digest.sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      int length;
      while ((length = in.read(buffer)) > 0) {
        sha256.update(buffer, 0, length);
      }
    }
    return HexFormat.of().formatHex(sha256.digest());
  }
}
