/** Points in the code at which tests order a process to end, wait or fail; inert otherwise. */
@NullMarked
package io.featurekv.failpoint;

import org.jspecify.annotations.NullMarked;
