package dev.replisync.jdbi;

import dev.replisync.WriteContext;
import dev.replisync.jdbi.Declaration.Option;
import dev.replisync.jdbi.Table.Found;
import dev.replisync.protocol.Json;
import dev.replisync.protocol.Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/** Reads and writes one table in one transaction, and notes what it wrote. */
final class TableWriter {
    private final Handle handle;
    private final DatabaseKind kind;
    private final Table table;
    private final JdbiPushTx transaction;

    TableWriter(JdbiPushTx transaction, Node node, Table table) {
        this.transaction = transaction;
        this.handle = transaction.handle();
        this.kind = node.dialect().kind;
        this.table = table;
    }

    private String byID() {
        return " t." + table.id().quoted() + " = ?";
    }

    private String notDeleted() {
        String deleted = table.option(Option.DELETED);
        return deleted == null ? "" : " and not t." + table.required(deleted).quoted();
    }

    Optional<Map<String, @Nullable Object>> find(Object id) {
        return handle.createQuery(selectByID()).bind(0, id(id)).map(row()).findOne();
    }

    private RowMapper<Map<String, @Nullable Object>> row() {
        return (rows, context) -> {
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            int i = 1;
            for (Found column : table.columns()) {
                row.put(column.name(), RowValues.read(rows, i++, column.type()));
            }
            return row;
        };
    }

    <R> Optional<R> find(Object id, Class<R> type) {
        var query = handle.createQuery(selectByID())
                .bind(0, id(id))
                .registerColumnMapper(Json.class, (rows, i, context) -> RowValues.json(rows, i));
        return type.isRecord()
                ? query.map(RowValues.recordMapper(table, type)).findOne()
                : query.mapTo(type).findOne();
    }

    private String selectByID() {
        String columns =
                table.columns().stream().map(column -> "t." + column.quoted()).collect(Collectors.joining(", "));
        return "select " + columns + " from " + table.from() + " t where" + byID() + notDeleted();
    }

    /** The id as the driver wants it, from the id or its text. */
    private Object id(Object id) {
        return switch (table.id().type()) {
            case TEXT -> String.valueOf(id);
            default -> table.id().type().parse(String.valueOf(id));
        };
    }

    void insert(WriteContext context, Object row) {
        Map<Found, @Nullable Object> values = RowValues.of(table, row);
        Object id = requireID(values);
        if (table.option(Option.DELETED) == null || !revive(values, id)) {
            String columns = values.keySet().stream().map(Found::quoted).collect(Collectors.joining(", "));
            String marks = values.keySet().stream().map(this::mark).collect(Collectors.joining(", "));
            execute("insert into " + table.from() + " (" + columns + ") values (" + marks + ")", values, null);
        }
        transaction.created(table.key(id));
        context.touch(table.key(id));
    }

    private boolean revive(Map<Found, @Nullable Object> values, Object id) {
        Found deleted = table.columnAt(Option.DELETED);
        List<String> sets = new ArrayList<>();
        values.keySet().forEach(column -> sets.add(column.quoted() + " = " + mark(column)));
        for (Found column : table.columns()) {
            boolean stamped = table.option(Option.VERSION) != null && column.equals(table.columnAt(Option.VERSION));
            if (!values.containsKey(column) && !stamped && !column.equals(deleted)) {
                sets.add(column.quoted() + " = default");
            }
        }
        if (!values.containsKey(deleted)) {
            sets.add(deleted.quoted() + " = false");
        }
        String sql = "update " + table.from() + " t set " + String.join(", ", sets) + " where" + byID() + " and t."
                + deleted.quoted();
        return execute(sql, values, id) > 0;
    }

    boolean update(WriteContext context, Object changes) {
        Map<Found, @Nullable Object> values = RowValues.of(table, changes);
        Object id = requireID(values);
        values.remove(table.id());
        String key = table.key(id);
        Set<String> before = readers(id);
        if (!values.isEmpty()) {
            String sets = values.keySet().stream()
                    .map(column -> column.quoted() + " = " + mark(column))
                    .collect(Collectors.joining(", "));
            String sql = "update " + table.from() + " t set " + sets + " where" + byID() + notDeleted();
            if (execute(sql, values, id) == 0) {
                return false;
            }
        } else if (find(id).isEmpty()) {
            return false;
        }
        if (!before.isEmpty()) {
            before.removeAll(readers(id));
        }
        touch(context, key, before);
        return true;
    }

    boolean delete(WriteContext context, Object given) {
        Object id = id(given);
        Set<String> before = readers(id);
        String deleted = table.option(Option.DELETED);
        String sql = deleted == null
                ? "delete from " + table.from() + " t where" + byID()
                : "update " + table.from() + " t set " + table.required(deleted).quoted() + " = true where" + byID()
                        + notDeleted();
        boolean existed = handle.createUpdate(sql).bind(0, id).execute() > 0;
        if (existed) {
            touch(context, table.key(id), before);
        }
        return existed;
    }

    int touchWhere(WriteContext context, Set<String> lostBy, String condition, Object... arguments) {
        // A row that the commit stamps itself is locked now, before the version (rule R27).
        String lock = table.option(Option.VERSION) == null ? "" : " for update";
        var query = handle.createQuery(
                "select t." + table.id().quoted() + " from " + table.from() + " t where (" + condition + ")" + lock);
        for (int i = 0; i < arguments.length; i++) {
            query.bind(i, arguments[i]);
        }
        List<String> ids = query.mapTo(String.class).list();
        ids.forEach(id -> touch(context, table.key(id), lostBy));
        return ids.size();
    }

    /** Touches; that all users lost the entity is no user's id, so the context would refuse it. */
    void touch(WriteContext context, String key, Set<String> lostBy) {
        Set<String> named = new TreeSet<>(lostBy);
        if (named.remove(SyncedTable.EVERYBODY)) {
            transaction.lostByEverybody(key);
        }
        context.touch(key, named);
    }

    /**
     * Who may see a row now. Nobody if there are no rules, because then it does not matter; nobody either if this
     * transaction created the row, because nobody could see it before.
     */
    Set<String> readers(Object id) {
        Set<String> readers = new TreeSet<>();
        if (!table.declaration().hasRules() || transaction.isCreated(table.key(id))) {
            return readers;
        }
        String all = table.option(Option.READABLE_BY_ALL);
        String some = table.option(Option.READABLE_BY);
        String sql = "select " + (all == null ? "false" : "coalesce((" + all + "), false)") + ", "
                + (some == null ? "null" : "array(" + some + ")") + " from " + table.from() + " t where" + byID()
                + " and "
                + table.living();
        handle.createQuery(sql)
                .bind(0, id)
                .map((rows, context) -> {
                    if (rows.getBoolean(1)) {
                        return Set.of(SyncedTable.EVERYBODY);
                    }
                    return some == null ? Set.<String>of() : Dialect.texts(rows.getArray(2));
                })
                .forEach(readers::addAll);
        return readers;
    }

    private Object requireID(Map<Found, @Nullable Object> values) {
        Object id = values.get(table.id());
        if (id == null) {
            throw new IllegalArgumentException("a row of table "
                    + table.declaration().table() + " has no " + table.id().name());
        }
        Object typed = id(id);
        values.put(table.id(), typed);
        return typed;
    }

    private String mark(Found column) {
        return kind == DatabaseKind.H2 && column.type() == ColumnType.JSON ? "? format json" : "?";
    }

    private int execute(String sql, Map<Found, @Nullable Object> values, @Nullable Object id) {
        try (var update = handle.createUpdate(sql)) {
            int i = 0;
            for (Map.Entry<Found, @Nullable Object> value : values.entrySet()) {
                bind(update, i++, value.getKey(), value.getValue());
            }
            if (id != null) {
                update.bind(i, id);
            }
            return update.execute();
        }
    }

    private void bind(SqlStatement<?> statement, int i, Found column, @Nullable Object value) {
        if (value == null) {
            statement.bindNull(i, kind == DatabaseKind.POSTGRESQL ? java.sql.Types.NULL : java.sql.Types.VARCHAR);
        } else if (column.type() == ColumnType.JSON || value instanceof Json) {
            String text = value.toString();
            if (Text.hasLoneSurrogate(text)) {
                throw new IllegalArgumentException("column " + column.name() + " was given a lone surrogate");
            }
            if (kind == DatabaseKind.H2 && column.type() == ColumnType.JSON) {
                statement.bind(i, text.getBytes(StandardCharsets.UTF_8));
            } else {
                statement.bind(i, Json.ofTrusted(text.getBytes(StandardCharsets.UTF_8)));
            }
        } else {
            statement.bind(i, value);
        }
    }
}
