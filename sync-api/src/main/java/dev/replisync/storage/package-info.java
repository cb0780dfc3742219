/**
 * The port to a datastore: what a storage adapter implements. Coarse verbs over an explicit transaction; it knows
 * nothing of strategies and nothing of SQL.
 */
@NullMarked
package dev.replisync.storage;

import org.jspecify.annotations.NullMarked;
