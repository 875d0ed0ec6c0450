package io.featurekv.node.load;

import io.featurekv.model.PieceList;

/**
 * How much of a build is under way to nodes at once, so that it fits into the buffers outside the
 * heap of who ships, which may be as large as the heap, with room for what else is there.
 *
 * @param files at once
 * @param pieces of each
 */
record ShipmentWindow(int files, int pieces) {
  /** The part of the heap's size that all pieces under way may take. */
  private static final int HEAP_SHARE = 6;

  /** Most files at once. */
  static final int MAX_FILES = 2;

  static ShipmentWindow of(long heapBytes) {
    int most = MAX_FILES * FileShipment.WINDOW_PIECES;
    int all = (int) Math.clamp(heapBytes / HEAP_SHARE / PieceList.PIECE_BYTES, 1, most);
    int files = Math.min(MAX_FILES, all);
    return new ShipmentWindow(files, all / files);
  }
}
