/** Load on a whole server, the example, over HTTP. */
@NullMarked
package dev.replisync.benchmarks.load;

import org.jspecify.annotations.NullMarked;
