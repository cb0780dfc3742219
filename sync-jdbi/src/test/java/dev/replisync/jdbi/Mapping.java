package dev.replisync.jdbi;

/** The three ways to keep versions. */
enum Mapping {
    LEDGER(""),
    VERSION_COLUMN(", ver bigint"),
    VERSION_AND_DELETED(", ver bigint, gone boolean default false not null");

    private final String columns;

    Mapping(String columns) {
        this.columns = columns;
    }

    /** What the table's definition needs more. */
    String columns() {
        return columns;
    }

    SyncedTable of(SyncedTable table) {
        return switch (this) {
            case LEDGER -> table;
            case VERSION_COLUMN -> table.versionColumn("ver");
            case VERSION_AND_DELETED -> table.versionColumn("ver").deletedColumn("gone");
        };
    }
}
