/**
 * A harness for {@code featurekv maelstrom}: nodes, a network that is at fault on purpose, clients,
 * a history of what they saw, and a check that it is linearizable.
 */
package io.featurekv.chaos.linkv;
