/** The strategy with one version for each space. */
@NullMarked
package dev.replisync.strategy.space;

import org.jspecify.annotations.NullMarked;
