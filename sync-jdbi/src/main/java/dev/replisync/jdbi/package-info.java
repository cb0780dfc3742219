/** The storage port on Jdbi. */
@NullMarked
package dev.replisync.jdbi;

import org.jspecify.annotations.NullMarked;
