/**
 * The bytes on the wire: frames, and the bodies that are laid out by hand. All integers are
 * little-endian and unsigned unless said otherwise. {@code docs/protocol.md} is the specification.
 *
 * <p>Decoders take bytes from anybody: whatever is in them, the outcome is a value or a {@link
 * io.featurekv.model.FeatureKvException}, and memory is taken only in proportion to bytes that are
 * really there.
 */
@NullMarked
package io.featurekv.protocol;

import org.jspecify.annotations.NullMarked;
