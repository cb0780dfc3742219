/** The strategy with client view records. */
@NullMarked
package dev.replisync.strategy.rowversion;

import org.jspecify.annotations.NullMarked;
