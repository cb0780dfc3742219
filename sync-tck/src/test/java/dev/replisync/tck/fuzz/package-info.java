/** Hostile input: what a fuzzer throws at codec and endpoint, and what must hold for all of it. */
package dev.replisync.tck.fuzz;
