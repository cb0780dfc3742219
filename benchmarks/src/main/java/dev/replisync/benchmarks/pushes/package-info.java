/** How many pushes go through, and that none is lost. */
@NullMarked
package dev.replisync.benchmarks.pushes;

import org.jspecify.annotations.NullMarked;
