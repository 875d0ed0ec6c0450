package io.featurekv.metadata;

/**
 * One split as it was planned: consecutive parts of the inputs that one builder reads at a time.
 *
 * @param what for a person: files and places in them
 * @param bytes about so many bytes of input
 * @param identity hash of everything that decides what is read: another one means other inputs
 * @param continued whether it begins within a file, where the split before it ends
 */
public record PlannedSplit(String what, long bytes, long identity, boolean continued) {}
