package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A synced table as the database has it. Immutable. */
final class Table {
    /** What the application's SQL says for whether the user may see row {@code t}. */
    static final String VISIBLE = ":visible";

    private static final int SAFE_DIGITS = 15;
    private static final int GUID_LENGTH = 36;

    private final Declaration declaration;
    private final String from;
    private final Map<String, Found> columns;
    private final Found id;
    private final @Nullable String collation;
    private final RowVersion rowVersion;
    private final boolean base;

    /** Where the row-version strategy finds the version of a row. */
    enum RowVersion {
        COLUMN,
        XMIN,
        HASH
    }

    /** A column as the database has it. */
    record Found(String name, ColumnType type, String typeName, int precision, int scale) {
        String quoted() {
            return Names.quote(name);
        }
    }

    private Table(
            Declaration declaration,
            String from,
            Map<String, Found> columns,
            Found id,
            @Nullable String collation,
            RowVersion rowVersion,
            boolean base) {
        this.declaration = declaration;
        this.from = from;
        this.columns = columns;
        this.id = id;
        this.collation = collation;
        this.rowVersion = rowVersion;
        this.base = base;
    }

    /** Looks a table up; adds to the problems, and returns empty, if it is not as declared. */
    static Optional<Table> find(
            Connection connection, Declaration declaration, DatabaseKind kind, List<String> problems)
            throws SQLException {
        if (!declaration.problems().isEmpty()) {
            problems.addAll(declaration.problems());
            return Optional.empty();
        }
        SQLException notFound = null;
        for (String from : declaration.names()) {
            NamedSql sql = NamedSql.parse("select * from " + from + " t where 1 = 0");
            try (PreparedStatement statement = connection.prepareStatement(sql.sql())) {
                Flush.bind(connection, statement, 1, sql.values(Map.of()));
                try (ResultSet rows = statement.executeQuery()) {
                    return describe(connection, declaration, from, columns(rows.getMetaData()), kind, problems);
                }
            } catch (SQLException e) {
                notFound = e;
            }
        }
        problems.add(declaration.named() + " cannot be read: " + (notFound == null ? "" : notFound.getMessage())
                + (declaration.isQuery() ? "; correct it" : "; create it, or grant access to it"));
        return Optional.empty();
    }

    private static Optional<Table> describe(
            Connection connection,
            Declaration d,
            String from,
            Map<String, Found> columns,
            DatabaseKind kind,
            List<String> problems)
            throws SQLException {
        int before = problems.size();
        boolean base = !d.isQuery() && isTable(connection, kind, from);
        RowVersion rowVersion = rowVersion(d, kind, base);
        Table table =
                new Table(d, from, columns, new Found(d.id(), ColumnType.OTHER, "", 0, 0), null, rowVersion, base);
        Optional<Found> id = table.require(d.id(), problems);
        id.filter(c -> !c.type().isKey())
                .ifPresent(c -> problems.add("column " + c.name() + " of " + d.named() + " is of type " + c.typeName()
                        + " but the id must be a text, uuid, integer or bigint"));
        for (Column column : d.columns()) {
            table.require(column.name(), problems).ifPresent(c -> table.checkForm(column, c, problems));
        }
        for (String name :
                new String[] {d.get(Option.VALUE), d.get(Option.SPACE), d.get(Option.VERSION), d.get(Option.DELETED)}) {
            if (name != null) {
                table.require(name, problems);
            }
        }
        if (d.has(Option.SPACE)) {
            table.column(String.valueOf(d.get(Option.SPACE)))
                    .filter(c -> !c.type().isKey())
                    .ifPresent(c -> problems.add("column " + c.name() + " of " + d.named() + " is of type "
                            + c.typeName() + " but the space must be a text, uuid, integer or bigint"));
        }
        table.checkRowVersion(kind, problems);
        if (problems.size() > before) {
            return Optional.empty();
        }
        String collation = id.get().type() == ColumnType.TEXT && kind == DatabaseKind.POSTGRESQL && !d.isQuery()
                ? collation(connection, from, id.get().name())
                : null;
        return Optional.of(new Table(d, from, columns, id.get(), collation, rowVersion, base));
    }

    private static RowVersion rowVersion(Declaration d, DatabaseKind kind, boolean base) {
        boolean hasXmin = kind == DatabaseKind.POSTGRESQL && base;
        return d.has(Option.ROW_VERSION_COLUMN)
                ? RowVersion.COLUMN
                : d.has(Option.ROW_VERSION_XMIN) || (hasXmin && !d.has(Option.ROW_VERSION_HASH))
                        ? RowVersion.XMIN
                        : RowVersion.HASH;
    }

    /** Whether it is a table whose rows the SDK can write and that has system columns, and not a view or the like. */
    private static boolean isTable(Connection connection, DatabaseKind kind, String from) throws SQLException {
        String sql = kind == DatabaseKind.POSTGRESQL
                ? "select relkind in ('r', 'p') from pg_class where oid = ?::regclass"
                : "select table_type = 'BASE TABLE' from information_schema.tables"
                        + " where table_schema || '.' || table_name = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, kind == DatabaseKind.POSTGRESQL ? from : qualified(connection, from));
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }

    private static String qualified(Connection connection, String from) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select * from " + from + " t where 1 = 0")) {
            return rows.getMetaData().getSchemaName(1) + "."
                    + rows.getMetaData().getTableName(1);
        }
    }

    static Map<String, Found> columns(ResultSetMetaData meta) throws SQLException {
        Map<String, Found> columns = new LinkedHashMap<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            String type = meta.getColumnTypeName(i);
            ColumnType known = ColumnType.of(meta.getColumnType(i), type);
            if (meta.getColumnType(i) == Types.NUMERIC && type.equalsIgnoreCase("decfloat")) {
                known = ColumnType.DECIMAL;
            }
            String name = meta.getColumnName(i);
            columns.put(name, new Found(name, known, type, meta.getPrecision(i), meta.getScale(i)));
        }
        return columns;
    }

    /** The collation that comparisons with the id must name, so that the index on it serves them. */
    private static @Nullable String collation(Connection connection, String from, String column) throws SQLException {
        String sql = "select attcollation::regcollation::text from pg_attribute"
                + " where attrelid = ?::regclass and attname = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, from);
            statement.setString(2, column);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getString(1) : null;
            }
        }
    }

    private Optional<Found> require(String name, List<String> problems) {
        Optional<Found> found = column(name);
        if (found.isEmpty()) {
            problems.add(
                    declaration.named() + " has no column " + name + "; it has " + String.join(", ", columns.keySet()));
        }
        return found;
    }

    private void checkForm(Column column, Found found, List<String> problems) {
        boolean isID = found.name().equalsIgnoreCase(declaration.id());
        boolean wide = found.type() == ColumnType.LONG
                || (found.type() == ColumnType.DECIMAL
                        && (found.precision() == 0 || found.precision() - found.scale() > SAFE_DIGITS));
        if (column.form() != Column.Form.AUTO) {
            return;
        }
        String where = "column " + found.name() + " of " + declaration.named() + " is of type " + found.typeName();
        if (wide && !isID) {
            problems.add(where + ", of which JavaScript rounds large values; declare it with number(…) or string(…)");
        } else if (found.type() == ColumnType.OTHER) {
            problems.add(where + ", which has no form in JSON; declare it with string(…), or json(…) if it holds JSON");
        }
    }

    private void checkRowVersion(DatabaseKind kind, List<String> problems) {
        if (declaration.has(Option.ROW_VERSION_XMIN) && (kind != DatabaseKind.POSTGRESQL || !base)) {
            problems.add(declaration.named()
                    + " has rowVersionXmin() but there is no xmin: only PostgreSQL has it, and there"
                    + " only tables; use rowVersionColumn(…), or rowVersionHash()");
        }
        String name = declaration.get(Option.ROW_VERSION_COLUMN);
        if (name == null) {
            return;
        }
        Optional<Found> column = require(name, problems);
        if (base && column.isPresent() && !isVersion(column.get())) {
            problems.add("column " + column.get().name() + " of " + declaration.named() + " is of type "
                    + column.get().typeName()
                    + " but a row version must be a bigint, integer, uuid or text of at least "
                    + GUID_LENGTH + " characters");
        }
    }

    private static boolean isVersion(Found column) {
        return column.type() == ColumnType.TEXT
                ? column.precision() >= GUID_LENGTH
                : column.type().isKey();
    }

    /** Finds a column by its name or, if there is none of this very name, by one of other case. */
    Optional<Found> column(String name) {
        Found exact = columns.get(name);
        if (exact != null) {
            return Optional.of(exact);
        }
        return columns.values().stream()
                .filter(c -> c.name().toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    Found required(String name) {
        return column(name).orElseThrow();
    }

    List<Found> columns() {
        return new ArrayList<>(columns.values());
    }

    Declaration declaration() {
        return declaration;
    }

    @Nullable
    String option(Option option) {
        return declaration.get(option);
    }

    RowVersion rowVersion() {
        return rowVersion;
    }

    /** The column with row versions that the SDK writes; null if there is none. */
    @Nullable
    Found writtenVersion() {
        return base ? columnOf(Option.ROW_VERSION_COLUMN) : null;
    }

    /** Whether it is a table, and no view or query. */
    boolean isBase() {
        return base;
    }

    /** The column that an option names; null if the option was not given. */
    @Nullable
    Found columnOf(Option option) {
        String name = declaration.get(option);
        return name == null ? null : required(name);
    }

    /** The column that an option names, which was given. */
    Found columnAt(Option option) {
        return Objects.requireNonNull(columnOf(option), option::name);
    }

    /** How statements name it. */
    String from() {
        return from;
    }

    Found id() {
        return id;
    }

    String prefix() {
        return declaration.prefix();
    }

    @Nullable
    String collation() {
        return collation;
    }

    boolean owns(String key) {
        return key.startsWith(declaration.prefix());
    }

    String key(Object idValue) {
        return declaration.prefix() + idValue;
    }

    /** The id in a key of this table. */
    Object idOf(String key) {
        try {
            return id.type().parse(key.substring(prefix().length()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "key '" + key + "' is none of " + declaration.named() + ", whose id is of type " + id.typeName(),
                    e);
        }
    }

    /** Rows that exist for clients, whoever asks. */
    String living() {
        StringBuilder sql = new StringBuilder("1 = 1");
        if (option(Option.DELETED) != null) {
            sql.append(" and not t.").append(columnAt(Option.DELETED).quoted());
        }
        if (option(Option.WHERE) != null) {
            sql.append(" and (").append(option(Option.WHERE)).append(')');
        }
        return sql.toString();
    }

    /** Rows of a space. The one of the global strategy holds the rows of all. */
    String inSpace(String row, String spaceID) {
        Found space = columnOf(Option.SPACE);
        if (space == null || spaceID.equals(JdbiStorage.GLOBAL_SPACE)) {
            return "1 = 1";
        }
        if (space.type() == ColumnType.TEXT) {
            return row + "." + space.quoted() + " = :space";
        }
        // What is no value of the column's type would fail the statement.
        return space.type().reads(spaceID)
                ? row + "." + space.quoted() + " = cast(:space as "
                        + space.type().sql() + ")"
                : "1 = 0";
    }

    /** Rows of a space that the user asking may see, put for many rows. */
    String visible(String spaceID) {
        return visible(spaceID, option(Option.READABLE_IF));
    }

    /** The same, put for one row. */
    String visibleRow(String spaceID) {
        String readers = option(Option.READABLE_BY);
        return visible(spaceID, readers == null ? null : userIsIn(readers));
    }

    /** Asks of one row whether the query, which yields its readers, yields the user. */
    static String userIsIn(String readers) {
        return ":user in (" + readers + "\n)";
    }

    private String visible(String spaceID, @Nullable String toSome) {
        StringBuilder sql =
                new StringBuilder("(").append(living()).append(" and ").append(inSpace("t", spaceID));
        if (declaration.hasRules()) {
            String toAll = option(Option.READABLE_BY_ALL);
            sql.append(" and (").append(toAll == null ? "1 = 0" : "(" + toAll + ")");
            sql.append(toSome == null ? "" : " or (" + toSome + "\n)").append(')');
        }
        return sql.append(')').toString();
    }
}
