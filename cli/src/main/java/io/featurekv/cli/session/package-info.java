/** What each command has at hand while it runs, and how it explains itself. */
@NullMarked
package io.featurekv.cli.session;

import org.jspecify.annotations.NullMarked;
