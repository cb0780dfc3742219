/** What travels between a Replicache client and the server, as immutable values, and who sends it. */
@NullMarked
package dev.replisync.protocol;

import org.jspecify.annotations.NullMarked;
