/** The storage port on Jdbi, for PostgreSQL and H2. */
module dev.replisync.jdbi {
    requires transitive dev.replisync.api;
    requires transitive org.jdbi.v3.core;
    requires org.jdbi.v3.postgres;
    requires static org.jspecify;
}
