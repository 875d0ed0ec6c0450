package io.featurekv.node.serving;

import io.featurekv.model.ErrorCode;
import io.featurekv.node.server.InPlaceHandler;
import io.featurekv.node.server.InPlaceRequest;
import io.featurekv.protocol.BatchGetReader;
import io.featurekv.storage.KeyBatch;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * BATCH_GET: one version of a table for all keys of the batch, from the bytes of the request to
 * those of the reply without an object per key.
 */
public final class BatchGetHandler implements InPlaceHandler {
  private static final byte[] NO_SHAPE = {};
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final BatchReads reads;

  public BatchGetHandler(BatchReads reads) {
    this.reads = reads;
  }

  @Override
  public void handle(InPlaceRequest request) {
    if (!request.replies().admits()) {
      reads.refused();
      request
          .replies()
          .fail(
              request.requestId(),
              ErrorCode.TRY_AGAIN,
              "too many bytes of reads are in flight on this node");
      return;
    }
    BatchScratch scratch = BatchScratch.ofThisThread();
    BatchGetReader reader = scratch.reader;
    ByteBuffer body = request.body();
    reader.begin(body, request.flags());
    String table = scratch.names.of(body, reader.tableOffset(), reader.tableLength());
    ServingCatalog.Picture picture = reads.picture();
    ServedTable served = picture.tableFor(table);
    ServedVersion version = served.versionFor(reader.version());
    takeKeys(reader, request, scratch.keys);
    ValueForm.Columns columns =
        reader.hasColumns()
            ? scratch.columns.of(table, served.schema(), body, reader.columnsOffset())
            : null;
    // One time for what is here and for what others are asked.
    long readTimeMillis =
        reader.readTimeMillis() == 0 ? reads.readTimeMillis() : reader.readTimeMillis();
    reads.read(
        new BatchQuery(
            table,
            version,
            picture.metadataIndex(),
            readTimeMillis,
            request.arrivalNanos(),
            request.arrivalNanos() + reader.timeoutMillis() * NANOS_PER_MILLI,
            (request.flags() & Forwarder.NO_FORWARD) == 0,
            columns),
        new BatchValuesReply(
            request.replies(), request.requestId(), columns == null ? NO_SHAPE : columns.shape()),
        request.replies()::hold);
  }

  private static void takeKeys(BatchGetReader reader, InPlaceRequest request, KeyBatch keys) {
    ByteBuffer body = request.body();
    if (request.bodyAddress() != 0) {
      keys.reset(request.bodyAddress(), body.limit());
    } else {
      keys.reset(MemorySegment.ofBuffer(body.duplicate().clear()));
    }
    while (reader.next()) {
      keys.add(reader.keyOffset(), reader.keyLength());
    }
  }
}
