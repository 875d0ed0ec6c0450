/**
 * The client that applications embed: {@link io.featurekv.client.FeatureKvClient}.
 *
 * <p>Inside, each read is a small state machine confined to one network thread; what several reads
 * share (routing, connections, health, the budget of extra requests) is thread-safe and holds no
 * lock while it calls out.
 */
@NullMarked
package io.featurekv.client;

import org.jspecify.annotations.NullMarked;
