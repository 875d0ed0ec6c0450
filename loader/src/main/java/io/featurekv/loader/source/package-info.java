/** Where rows come from: finding the input files, and reading each format. */
@NullMarked
package io.featurekv.loader.source;

import org.jspecify.annotations.NullMarked;
