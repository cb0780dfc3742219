package dev.replisync.jdbi;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where spaces and their versions are: in the SDK's table, or in one of the application, whose floors then are in the
 * SDK's. The one space of the global strategy is in the SDK's always. Immutable.
 *
 * @param names the SDK's tables
 * @param from how statements name the table
 * @param id the id's column as statements name it
 * @param type the id's type
 * @param version the version's column as statements name it
 * @param isOwn whether it is the SDK's
 */
record SpaceTable(Names names, String from, String id, ColumnType type, String version, boolean isOwn) {

    /** A table of the application that holds the spaces, as it was declared. */
    record Declared(String table, String id, String version) {
        Declared {
            for (String part : table.split("\\.", -1)) {
                Names.check("table", part);
            }
            Names.check("column", id);
            Names.check("column", version);
        }
    }

    /** A space as it was read: whether there is such a one, its version and its floor. */
    static final class Stored {
        private boolean exists;
        private long version;
        private long floor;

        boolean exists() {
            return exists;
        }

        long version() {
            return version;
        }

        long floor() {
            return floor;
        }
    }

    static SpaceTable own(Names names) {
        return new SpaceTable(names, names.space(), "id", ColumnType.TEXT, "version", true);
    }

    /** Looks it up; adds to the problems if it is not as declared. */
    static SpaceTable find(Connection connection, Names names, @Nullable Declared declared, List<String> problems) {
        if (declared == null) {
            return own(names);
        }
        SQLException notFound = null;
        for (String from : Declaration.of(declared.table()).names()) {
            try (PreparedStatement statement = connection.prepareStatement("select * from " + from + " t where 1 = 0");
                    ResultSet rows = statement.executeQuery()) {
                return described(names, declared, from, rows.getMetaData(), problems);
            } catch (SQLException e) {
                notFound = e;
            }
        }
        problems.add("table " + declared.table() + " of spaces cannot be read: "
                + (notFound == null ? "" : notFound.getMessage()) + "; create it, or grant access to it");
        return own(names);
    }

    private static SpaceTable described(
            Names names, Declared declared, String from, ResultSetMetaData meta, List<String> problems)
            throws SQLException {
        Map<String, Table.Found> columns = Table.columns(meta);
        Optional<Table.Found> id = column(columns, declared, declared.id(), problems);
        Optional<Table.Found> version = column(columns, declared, declared.version(), problems);
        String of = " of table " + declared.table() + " of spaces is ";
        id.filter(c -> !c.type().isKey())
                .ifPresent(c -> problems.add("column " + c.name() + of + "of type " + c.typeName()
                        + " but it must be a text, uuid, integer or bigint"));
        version.filter(c -> c.type() != ColumnType.LONG)
                .ifPresent(c -> problems.add(
                        "column " + c.name() + of + "of type " + c.typeName() + " but it must be a bigint"));
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            String name = meta.getColumnName(i);
            if (version.filter(c -> c.name().equals(name)).isPresent()
                    && meta.isNullable(i) == ResultSetMetaData.columnNullable) {
                problems.add("column " + name + of + "nullable but it must be not null, best with default 0");
            }
        }
        if (id.isEmpty() || version.isEmpty()) {
            return own(names);
        }
        return new SpaceTable(
                names, from, id.get().quoted(), id.get().type(), version.get().quoted(), false);
    }

    private static Optional<Table.Found> column(
            Map<String, Table.Found> columns, Declared declared, String name, List<String> problems) {
        Optional<Table.Found> found = Optional.ofNullable(columns.get(name))
                .or(() -> columns.values().stream()
                        .filter(c -> c.name().toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT)))
                        .findFirst());
        if (found.isEmpty()) {
            problems.add("table " + declared.table() + " of spaces has no column " + name + "; it has "
                    + String.join(", ", columns.keySet()));
        }
        return found;
    }

    /** Where a space is. All spaces that a transaction knows are in the same table. */
    SpaceTable holding(@Nullable String space) {
        return space == null || space.equals(JdbiStorage.GLOBAL_SPACE) ? own(names) : this;
    }

    SpaceTable holding(String[] spaces) {
        return holding(spaces.length == 0 ? null : spaces[0]);
    }

    /** Whether there can be such a space: what is no value of the id's type would fail a statement. */
    boolean mayHold(String space) {
        return type.reads(space);
    }

    /** An id as text. */
    String text(String row) {
        return isOwn ? row + "." + id : "cast(" + row + "." + id + " as varchar)";
    }

    /** A text as an id. */
    String key(String text) {
        return type == ColumnType.TEXT ? text : "cast(" + text + " as " + type.sql() + ")";
    }

    /** A row {@code s} of the space that is the next parameter. */
    String one() {
        return from + " s where s." + id + " = " + key("?");
    }

    /** The version of the space that is the next parameter. */
    String versionOf() {
        return "coalesce((select s." + version + " from " + one() + "), 0)";
    }

    /** Reads a space, wherever it is; asks nothing if there can be no such space. */
    void read(Flush flush, String space, Stored into) {
        SpaceTable table = holding(space);
        if (table.mayHold(space)) {
            flush.add(table.state(), List.of(space), row -> {
                into.exists = true;
                into.version = row.getLong(1);
                into.floor = row.getLong(2);
            });
        }
    }

    /** The version and the floor of a space; the space is the only parameter. */
    private String state() {
        return isOwn
                ? "select s.version, s.floor from " + one()
                : "select s." + version + ", coalesce((select f.floor from " + names.space() + " f where f.id = "
                        + text("s") + "), 0) from " + one();
    }

    /** All spaces, with the one of the global strategy: their {@code id} as text, {@code version} and {@code floor}. */
    String all() {
        return isOwn
                ? names.space()
                : "(select " + text("s") + " as id, s." + version + " as version, coalesce(f.floor, 0) as floor from "
                        + from + " s left join " + names.space() + " f on f.id = " + text("s")
                        + " union all select g.id, g.version, g.floor from " + names.space() + " g where g.id = "
                        + Names.literal(JdbiStorage.GLOBAL_SPACE) + ")";
    }
}
