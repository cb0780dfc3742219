/** The strategy that sends everything with each pull. */
@NullMarked
package dev.replisync.strategy.reset;

import org.jspecify.annotations.NullMarked;
