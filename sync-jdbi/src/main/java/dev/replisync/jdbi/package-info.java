/**
 * The storage port on Jdbi, for PostgreSQL and H2. {@link dev.replisync.jdbi.JdbiStorage} is the storage, {@link
 * dev.replisync.jdbi.SyncedTable} declares what clients see of the application's tables and writes them.
 */
@NullMarked
package dev.replisync.jdbi;

import org.jspecify.annotations.NullMarked;
