package io.featurekv.metadata;

/**
 * What one input was when its load was planned.
 *
 * @param name a path or address
 * @param identity changes when the content does, such as length and time of change
 */
public record InputIdentity(String name, String identity) {}
