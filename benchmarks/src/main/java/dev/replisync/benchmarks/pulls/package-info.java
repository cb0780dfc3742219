/** What one pull costs. */
@NullMarked
package dev.replisync.benchmarks.pulls;

import org.jspecify.annotations.NullMarked;
