/** Reading entries: get, scan and inspect. */
@NullMarked
package io.featurekv.cli.read;

import org.jspecify.annotations.NullMarked;
