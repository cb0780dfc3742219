/** What clients saw of a server, and whether it keeps what we promise. */
@NullMarked
package dev.replisync.proofs.history;

import org.jspecify.annotations.NullMarked;
