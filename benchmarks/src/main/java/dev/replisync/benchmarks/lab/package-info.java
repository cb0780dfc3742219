/** What all measurements need: a database server, a slow link to it, counters at the socket, samples, tables of results. */
@NullMarked
package dev.replisync.benchmarks.lab;

import org.jspecify.annotations.NullMarked;
