/**
 * The words every module shares: tables, shards, file identities, manifests, digests and errors.
 */
@NullMarked
package io.featurekv.model;

import org.jspecify.annotations.NullMarked;
