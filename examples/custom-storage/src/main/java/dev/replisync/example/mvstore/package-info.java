/** The storage port on MVStore, the key-value store below H2: an example of an adapter. */
@NullMarked
package dev.replisync.example.mvstore;

import org.jspecify.annotations.NullMarked;
