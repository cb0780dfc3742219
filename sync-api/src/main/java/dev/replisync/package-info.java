/** The entry points of Replisync: what an application calls. */
@NullMarked
package dev.replisync;

import org.jspecify.annotations.NullMarked;
