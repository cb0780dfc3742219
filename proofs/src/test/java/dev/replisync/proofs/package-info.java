/** Experiments that try to break our promises on real servers and databases. */
@NullMarked
package dev.replisync.proofs;

import org.jspecify.annotations.NullMarked;
