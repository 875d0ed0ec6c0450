package io.featurekv.node.shipping;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.PieceList;
import io.featurekv.node.DurableFile;
import io.featurekv.node.wire.FileKey;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shard files on this node's disk: {@code tables/<table>/<version>/<shard>.mdb} with {@code
 * .pieces} beside it, and {@code .part} while one is on its way; {@code <shard>.merged.mdb} and so
 * on for merged files. Paths are derived from validated ids only. Thread-safe.
 */
public final class FileStore implements Disk {
  private static final String PART_SUFFIX = ".part";
  private static final Logger LOG = LoggerFactory.getLogger(FileStore.class);

  private final Path tables;
  private final double minFreeFraction;
  private final Map<FileKey, StoredFile> stored = new ConcurrentHashMap<>();

  /** Whole files whose bytes were proved in this process and not looked at since. */
  private final Set<FileKey> provedHere = ConcurrentHashMap.newKeySet();

  private final Map<FileKey, IncomingFile> incoming = new ConcurrentHashMap<>();
  private final PieceBuffers buffers = new PieceBuffers();

  /** Files whose bytes the disk would not give; never removed from here. */
  private final Set<FileKey> unreadable = ConcurrentHashMap.newKeySet();

  /**
   * Takes stock of the directory; files without a valid list of pieces are removed with a warning,
   * they come again.
   */
  public FileStore(Path tables, double minFreeFraction) {
    this.tables = tables;
    this.minFreeFraction = minFreeFraction;
    try {
      takeStock();
    } catch (IOException e) {
      throw new FeatureKvException(ErrorCode.INTERNAL, tables + " cannot be read: " + e, e);
    }
  }

  private void takeStock() throws IOException {
    for (Path table : list(tables)) {
      for (Path version : list(table)) {
        for (Path file : list(version)) {
          takeStock(table, version, file);
        }
      }
    }
  }

  private void takeStock(Path table, Path version, Path file) throws IOException {
    String name = nameOf(file);
    if (!name.endsWith(FileKey.FILE_SUFFIX)) {
      return;
    }
    FileKey key;
    try {
      key = FileKey.parse(nameOf(table), nameOf(version), name);
      if (!key.fileName().equals(name)) {
        throw new IllegalArgumentException(name);
      }
    } catch (RuntimeException e) {
      LOG.warn(
          "{} is not named like a shard file and is left alone until nothing refers to it", file);
      return;
    }
    try {
      PiecesFile.Content content = PiecesFile.read(piecesOf(file));
      stored.put(key, new StoredFile(key, file, content.pieces(), content.crcs()));
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} has no valid list of pieces ({}); making it anew", file, e.toString());
      listAnew(key, file);
    }
  }

  /**
   * The file may be sound although its list is not: whether it is, the metadata's digest tells
   * before it is opened.
   */
  private void listAnew(FileKey key, Path file) {
    try {
      PieceList pieces = ShardFiles.digestPieces(file);
      int[] crcs = PiecesFile.checksums(file, pieces);
      PiecesFile.write(piecesOf(file), pieces, crcs);
      stored.put(key, new StoredFile(key, file, pieces, crcs));
    } catch (IOException | RuntimeException e) {
      unreadable.add(key);
      LOG.error("{} cannot be read and is left as it is: {}", file, e.toString());
    }
  }

  private static List<Path> list(Path directory) throws IOException {
    List<Path> children = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
        stream.forEach(children::add);
      }
    }
    return children;
  }

  private static String nameOf(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** Where a file is, or will be. */
  public Path pathOf(FileKey key) {
    return tables
        .resolve(key.id().table())
        .resolve(Long.toString(key.id().version()))
        .resolve(key.fileName());
  }

  static Path piecesOf(Path file) {
    String name = nameOf(file);
    return file.resolveSibling(
        name.substring(0, name.length() - FileKey.FILE_SUFFIX.length()) + ".pieces");
  }

  /** The whole file, if it is here. */
  public Optional<StoredFile> find(FileKey key) {
    return Optional.ofNullable(stored.get(key));
  }

  /** Every whole file. */
  public Collection<StoredFile> all() {
    return List.copyOf(stored.values());
  }

  @Override
  public Optional<Digest> digestOf(FileKey key) {
    return find(key).map(StoredFile::digest);
  }

  @Override
  public Collection<FileKey> allStored() {
    return List.copyOf(stored.keySet());
  }

  @Override
  public Collection<FileKey> allIncoming() {
    return List.copyOf(incoming.keySet());
  }

  /**
   * Begins, or goes on with, receiving a file. A different list than the one being received
   * replaces it. Whether there is room for what comes is the caller's to check.
   *
   * @throws FeatureKvException NO_SPACE when the disk has less free room than asked for as it is
   */
  public synchronized IncomingFile receive(FileKey key, PieceList pieces) {
    IncomingFile present = incoming.get(key);
    try {
      if (present != null) {
        if (present.pieces().equals(pieces)) {
          return present;
        }
        present.close();
        incoming.remove(key);
      }
      checkRoom(key, 0);
      Path target = pathOf(key);
      Files.createDirectories(target.getParent());
      IncomingFile opened = IncomingFile.open(key, target, pieces, buffers);
      incoming.put(key, opened);
      return opened;
    } catch (IOException e) {
      throw asError(key, e);
    }
  }

  /**
   * Takes a file that is being received over from a builder on this machine, in place of its
   * pieces, which {@link IncomingFile#prove} proves then.
   *
   * @param built the builder's name of it; stays the builder's
   * @throws FeatureKvException TRY_AGAIN where it was not offered, CONFLICT where it cannot be had
   *     so: the pieces have to be sent
   */
  public synchronized void link(FileKey key, Path built) {
    IncomingFile present = incoming.get(key);
    if (present == null) {
      throw new FeatureKvException(ErrorCode.TRY_AGAIN, key + " was not offered to this node");
    }
    if (present.missing().length < present.pieces().pieces().size()) {
      throw new FeatureKvException(ErrorCode.CONFLICT, "pieces of " + key + " are here already");
    }
    try {
      present.close();
      forget(key);
      incoming.put(key, IncomingFile.link(key, pathOf(key), present.pieces(), built, buffers));
    } catch (IOException e) {
      throw asError(key, e);
    }
  }

  /** Gives a link up that was not published, and is not what it was taken for. */
  public synchronized void unlink(FileKey key) {
    IncomingFile present = incoming.get(key);
    if (present == null || !present.isLink()) {
      return;
    }
    forget(key);
    closeQuietly(present);
    try {
      Files.deleteIfExists(IncomingFile.partOf(pathOf(key)));
    } catch (IOException e) {
      throw asError(key, e);
    }
  }

  /** The file that is on its way under this key. */
  public Optional<IncomingFile> incoming(FileKey key) {
    return Optional.ofNullable(incoming.get(key));
  }

  /** Whether {@code bytes} more fit without leaving the disk with too little. */
  public void checkRoom(FileKey key, long bytes) {
    try {
      java.nio.file.FileStore disk = Files.getFileStore(tables);
      long usable = disk.getUsableSpace();
      long floor = (long) (disk.getTotalSpace() * minFreeFraction);
      if (usable - bytes < floor) {
        throw new FeatureKvException(
            ErrorCode.NO_SPACE,
            "no room for "
                + key
                + " in "
                + tables
                + ": it needs "
                + bytes
                + " bytes, "
                + usable
                + " are free, and "
                + floor
                + " must stay free (--min-free-disk)");
      }
    } catch (IOException e) {
      throw asError(key, e);
    }
  }

  /**
   * Publishes a file whose pieces have all arrived, each of which was proved. Not to be called for
   * a file whose readers are open: it would be replaced.
   */
  public synchronized StoredFile publish(FileKey key) {
    IncomingFile complete = incoming.get(key);
    if (complete == null) {
      StoredFile present = stored.get(key);
      if (present != null) {
        return present;
      }
      throw new FeatureKvException(ErrorCode.TRY_AGAIN, key + " is not being received");
    }
    try {
      StoredFile file = complete.publish();
      forget(key);
      stored.put(key, file);
      provedHere.add(key);
      return file;
    } catch (IOException e) {
      // The next attempt opens the part afresh and proves what is there.
      forget(key);
      closeQuietly(complete);
      throw asError(key, e);
    }
  }

  /**
   * Makes ready for a file that this node will build itself at {@link #pathOf}: room on the disk
   * and the directory; a file that is there under this key goes.
   *
   * @throws FeatureKvException NO_SPACE
   */
  public synchronized Path prepare(FileKey key, long bytes) {
    delete(key);
    checkRoom(key, bytes);
    Path target = pathOf(key);
    try {
      Files.createDirectories(target.getParent());
    } catch (IOException e) {
      throw asError(key, e);
    }
    return target;
  }

  /** Takes in a file that was built at {@link #pathOf}, published and forced there. */
  public StoredFile adopt(FileKey key, SealedShardFile built) {
    Path file = pathOf(key);
    try {
      int[] crcs = checksums(built);
      Failpoint.MERGE_BEFORE_ADOPT.hitWriting();
      PiecesFile.write(piecesOf(file), built.pieces(), crcs);
      StoredFile adopted = new StoredFile(key, file, built.pieces(), crcs);
      stored.put(key, adopted);
      return adopted;
    } catch (IOException e) {
      throw asError(key, e);
    }
  }

  /**
   * Takes in a file that was built elsewhere on this disk, sealed and forced: it is moved, not
   * copied. A file that is there under this key goes. The caller has read the file and proved it.
   */
  public StoredFile take(FileKey key, SealedShardFile built) {
    try {
      // May read the file, which takes its time: nobody else waits for that.
      int[] crcs = checksums(built);
      return take(key, built.path(), built.pieces(), crcs);
    } catch (IOException e) {
      throw asError(key, e);
    }
  }

  /** What the writer took on its way, or else from the file. */
  private static int[] checksums(SealedShardFile built) throws IOException {
    return built.pieceCrcs().isEmpty()
        ? PiecesFile.checksums(built.path(), built.pieces())
        : built.pieceCrcs().stream().mapToInt(Integer::intValue).toArray();
  }

  private synchronized StoredFile take(FileKey key, Path built, PieceList pieces, int[] crcs)
      throws IOException {
    delete(key);
    Path target = pathOf(key);
    Files.createDirectories(target.getParent());
    Failpoint.SHIP_BEFORE_TAKE.hitWriting();
    DurableFile.rename(built, target);
    Failpoint.SHIP_AFTER_TAKE.hitWriting();
    PiecesFile.write(piecesOf(target), pieces, crcs);
    StoredFile taken = new StoredFile(key, target, pieces, crcs);
    stored.put(key, taken);
    provedHere.add(key);
    return taken;
  }

  @Override
  public boolean takeProof(FileKey key) {
    return provedHere.remove(key);
  }

  private @Nullable IncomingFile forget(FileKey key) {
    IncomingFile part = incoming.remove(key);
    if (incoming.isEmpty()) {
      buffers.free();
    }
    return part;
  }

  private static void closeQuietly(IncomingFile file) {
    try {
      file.close();
    } catch (IOException e) {
      LOG.debug("closing a part: {}", e.toString());
    }
  }

  @Override
  public synchronized void delete(FileKey key) {
    stored.remove(key);
    provedHere.remove(key);
    IncomingFile part = forget(key);
    Path target = pathOf(key);
    try {
      if (part != null) {
        part.close();
      }
      boolean wasThere = Files.deleteIfExists(target);
      if (wasThere) {
        Failpoint.COLLECT_AFTER_DELETE.hitWriting();
      }
      Files.deleteIfExists(piecesOf(target));
      Files.deleteIfExists(IncomingFile.partOf(target));
      Path versionDirectory =
          tables.resolve(key.id().table()).resolve(Long.toString(key.id().version()));
      deleteIfEmpty(versionDirectory);
      deleteIfEmpty(tables.resolve(key.id().table()));
    } catch (IOException e) {
      LOG.warn("{} cannot be removed: {}", target, e.toString());
    }
  }

  @Override
  public synchronized void removeStrays(java.util.function.Predicate<FileKey> isWanted) {
    removeStrays(isWanted, "");
  }

  @Override
  public synchronized void removeStrayParts(java.util.function.Predicate<FileKey> isWanted) {
    removeStrays(isWanted, PART_SUFFIX);
  }

  private void removeStrays(java.util.function.Predicate<FileKey> isWanted, String suffix) {
    try {
      for (Path table : list(tables)) {
        // Later an empty directory may be one that a merge is about to write to.
        boolean mayTableGo = suffix.isEmpty();
        for (Path version : list(table)) {
          boolean mayGo = suffix.isEmpty();
          for (Path file : list(version)) {
            if (nameOf(file).endsWith(suffix) && isStray(table, version, file, isWanted)) {
              LOG.info("removing {}: nothing refers to it", file);
              mayGo |= Files.deleteIfExists(file);
            }
          }
          if (mayGo) {
            deleteIfEmpty(version);
            mayTableGo = true;
          }
        }
        if (mayTableGo) {
          deleteIfEmpty(table);
        }
      }
    } catch (IOException e) {
      LOG.warn("strays below {} cannot be removed: {}", tables, e.toString());
    }
  }

  private boolean isStray(
      Path table, Path version, Path file, java.util.function.Predicate<FileKey> isWanted) {
    String name = nameOf(file);
    try {
      FileKey key = FileKey.parse(nameOf(table), nameOf(version), name);
      if (name.endsWith(FileKey.FILE_SUFFIX) || name.endsWith(".pieces")) {
        return !stored.containsKey(key) && !incoming.containsKey(key) && !unreadable.contains(key);
      }
      return !incoming.containsKey(key) && !(name.endsWith(PART_SUFFIX) && isWanted.test(key));
    } catch (RuntimeException e) {
      return true;
    }
  }

  private static void deleteIfEmpty(Path directory) throws IOException {
    if (Files.isDirectory(directory) && list(directory).isEmpty()) {
      Files.deleteIfExists(directory);
    }
  }

  /** A failure of the disk as an error with the file's name; a full disk is NO_SPACE. */
  static FeatureKvException asError(FileKey key, IOException e) {
    boolean isFull = String.valueOf(e.getMessage()).contains("No space left");
    return new FeatureKvException(
        isFull ? ErrorCode.NO_SPACE : ErrorCode.INTERNAL, key + ": " + e, e);
  }
}
