package dev.replisync.jdbi;

import java.util.List;

/** The ways to keep versions. */
enum Mapping {
    /** With row versions: xmin on PostgreSQL, a hash on H2. */
    LEDGER(""),
    VERSION_COLUMN(", ver bigint"),
    VERSION_AND_DELETED(", ver bigint, gone boolean default false not null"),
    ROW_HASH(""),
    ROW_NUMBER(", rv bigint"),
    ROW_GUID_AND_DELETED(", rv uuid not null, gone boolean default false not null");

    private final String columns;

    Mapping(String columns) {
        this.columns = columns;
    }

    /** Those in which the version strategies differ. */
    static List<Mapping> ofVersions() {
        return List.of(LEDGER, VERSION_COLUMN, VERSION_AND_DELETED);
    }

    /** What the table's definition needs more. */
    String columns() {
        return columns;
    }

    boolean marksDeleted() {
        return this == VERSION_AND_DELETED || this == ROW_GUID_AND_DELETED;
    }

    SyncedTable of(SyncedTable table) {
        return switch (this) {
            case LEDGER -> table;
            case VERSION_COLUMN -> table.versionColumn("ver");
            case VERSION_AND_DELETED -> table.versionColumn("ver").deletedColumn("gone");
            case ROW_HASH -> table.rowVersionHash();
            case ROW_NUMBER -> table.rowVersionColumn("rv");
            case ROW_GUID_AND_DELETED -> table.rowVersionColumn("rv").deletedColumn("gone");
        };
    }
}
