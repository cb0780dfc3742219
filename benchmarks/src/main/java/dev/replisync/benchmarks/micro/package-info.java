/** Small parts by themselves, with JMH. */
@NullMarked
package dev.replisync.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
