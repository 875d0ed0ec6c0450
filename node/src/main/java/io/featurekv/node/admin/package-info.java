/**
 * The remote face for operators' tools: reads the metadata and proposes commands through any node.
 */
@NullMarked
package io.featurekv.node.admin;

import org.jspecify.annotations.NullMarked;
