/** The application that is measured in process: one table, one mutator of one statement. */
@NullMarked
package dev.replisync.benchmarks.app;

import org.jspecify.annotations.NullMarked;
