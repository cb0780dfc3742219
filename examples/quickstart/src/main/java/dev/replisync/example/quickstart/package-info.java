/** The smallest server. */
@NullMarked
package dev.replisync.example.quickstart;

import org.jspecify.annotations.NullMarked;
