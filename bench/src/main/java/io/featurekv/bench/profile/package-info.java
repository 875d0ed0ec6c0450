/** Where CPU time goes in processes that load, from recordings of the JDK's Flight Recorder. */
@NullMarked
package io.featurekv.bench.profile;

import org.jspecify.annotations.NullMarked;
