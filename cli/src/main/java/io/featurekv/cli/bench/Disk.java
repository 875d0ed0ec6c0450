package io.featurekv.cli.bench;

/**
 * What a directory lies on.
 *
 * @param name the same word for the same one
 */
record Disk(String name, long freeBytes) {}
