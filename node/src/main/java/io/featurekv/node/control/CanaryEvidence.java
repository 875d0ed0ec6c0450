package io.featurekv.node.control;

import io.featurekv.metadata.CanaryCounts;

/**
 * What the leader has heard of a trial.
 *
 * @param isWhole whether every serving node that is up has told what it counted
 */
public record CanaryEvidence(CanaryCounts counts, boolean isWhole) {}
