/** The storage port on Jdbi, for PostgreSQL and H2. */
module dev.replisync.jdbi {
    requires transitive dev.replisync.api;
    requires transitive java.sql;
    requires transitive org.jdbi.v3.core;
    requires org.slf4j;
    requires static org.jspecify;
    requires static org.postgresql.jdbc;

    exports dev.replisync.jdbi;
}
