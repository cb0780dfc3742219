/** The measurements that are run from the command line. */
@NullMarked
package dev.replisync.benchmarks;

import org.jspecify.annotations.NullMarked;
