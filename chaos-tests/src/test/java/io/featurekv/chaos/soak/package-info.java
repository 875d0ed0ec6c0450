/**
 * Real servers under faults: a {@link io.featurekv.chaos.soak.Scenario} harms a {@link
 * io.featurekv.chaos.soak.ChaosCluster} while a workload runs, a {@link
 * io.featurekv.chaos.soak.History} keeps every operation of its clients, and {@link
 * io.featurekv.chaos.soak.Checks} hold what must be true whatever happens.
 */
@NullMarked
package io.featurekv.chaos.soak;

import org.jspecify.annotations.NullMarked;
