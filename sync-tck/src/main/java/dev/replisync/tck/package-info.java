/** The compliance kit: rules, contract tests and an in-memory store. */
@NullMarked
package dev.replisync.tck;

import org.jspecify.annotations.NullMarked;
