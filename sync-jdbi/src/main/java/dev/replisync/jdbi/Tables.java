package dev.replisync.jdbi;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** All synced tables as the database has them. Immutable. */
record Tables(List<Table> all) {

    static Tables find(Connection connection, List<SyncedTable> declared, DatabaseKind kind, List<String> problems)
            throws SQLException {
        List<Table> found = new ArrayList<>();
        for (SyncedTable table : declared) {
            Table.find(connection, table.declaration(), kind, problems).ifPresent(found::add);
        }
        for (SyncedTable a : declared) {
            for (SyncedTable b : declared) {
                String prefix = a.declaration().prefix();
                if (a != b && !prefix.isEmpty() && b.declaration().prefix().startsWith(prefix)) {
                    problems.add("the prefix '" + b.declaration().prefix() + "' of "
                            + b.declaration().named() + " begins with '" + prefix + "' of "
                            + a.declaration().named() + ", so that a key could be of either");
                }
            }
        }
        return new Tables(List.copyOf(found));
    }

    /** The table of a key, which is checked to be one that the table can have. */
    Table of(String key) {
        for (Table table : all) {
            if (table.owns(key)) {
                if (key.indexOf('\0') >= 0) {
                    throw new IllegalArgumentException("a key must not hold the character U+0000");
                }
                table.idOf(key);
                return table;
            }
        }
        throw new IllegalArgumentException("key '" + key + "' is of no synced table; their prefixes are "
                + all.stream().map(Table::prefix).toList());
    }

    boolean haveTriggers() {
        return all.stream().anyMatch(table -> table.option(Declaration.Option.TRIGGERS) != null);
    }

    Table of(SyncedTable declared) {
        for (Table table : all) {
            if (table.declaration().equals(declared.declaration())) {
                return table;
            }
        }
        throw new IllegalStateException(declared.declaration().named()
                + " was not given to the storage as it is declared here; add it to tables(…)");
    }
}
