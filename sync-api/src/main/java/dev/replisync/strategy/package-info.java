/**
 * The port to a diff strategy: how a pull finds out what a client has not got yet, and how a strategy is found by name.
 */
@NullMarked
package dev.replisync.strategy;

import org.jspecify.annotations.NullMarked;
