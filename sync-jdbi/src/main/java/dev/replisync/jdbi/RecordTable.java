package dev.replisync.jdbi;

import dev.replisync.storage.RecordStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Client view records as rows, removed by {@link Garbage} when nobody used them for their life. */
final class RecordTable implements RecordStore {
    private final Node node;
    private final long markAfter;

    RecordTable(Node node, Duration life) {
        if (life.isZero() || life.isNegative()) {
            throw new IllegalArgumentException("recordLife was " + life + " but it must be more than zero");
        }
        this.node = node;
        this.markAfter = life.dividedBy(4).toMillis();
    }

    @Override
    public Optional<byte[]> read(String id) {
        String table = node.names().record();
        try (Session session = Session.autoCommit(node);
                PreparedStatement statement = session.connection()
                        .prepareStatement("select content, last_used from " + table + " where id = ?")) {
            statement.setString(1, id);
            byte[] content;
            long lastUsed;
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                content = rows.getBytes(1);
                lastUsed = rows.getLong(2);
            }
            if (node.now() - lastUsed >= markAfter) {
                mark(session.connection(), id);
            }
            return Optional.of(content);
        } catch (SQLException e) {
            throw new StorageException("a client view record could not be read", e);
        }
    }

    private void mark(Connection connection, String id) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("update " + node.names().record() + " set last_used = ? where id = ?")) {
            statement.setLong(1, node.now());
            statement.setString(2, id);
            statement.executeUpdate();
        }
    }

    @Override
    public void write(String id, byte[] record) {
        try (Session session = Session.autoCommit(node)) {
            Flush flush = node.dialect().flush();
            node.dialect().insertRecord(flush, List.of(id, record, node.now()));
            flush.run(session.connection());
        } catch (SQLException e) {
            throw new StorageException("a client view record could not be written", e);
        }
    }
}
