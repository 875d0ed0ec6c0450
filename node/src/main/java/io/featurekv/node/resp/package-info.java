/**
 * The second face: RESP, the protocol of Redis, for reading only. What it answers is in
 * docs/resp.md.
 */
@NullMarked
package io.featurekv.node.resp;

import org.jspecify.annotations.NullMarked;
