/** The diff strategy with one version for the whole database. */
@NullMarked
package dev.replisync.strategy.global;

import org.jspecify.annotations.NullMarked;
