package dev.replisync.jdbi;

import dev.replisync.storage.PatchSink;
import dev.replisync.storage.VersionedReads.Snapshot;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A snapshot for a pull, with the epoch that it found. */
interface JdbiRead extends Snapshot {

    Epochs.Stored epoch();

    /** A change as it was read. Immutable: what it holds is not handed out for writing. */
    final class Change {
        private final String key;
        private final byte @Nullable [] json;

        private Change(String key, byte @Nullable [] json) {
            this.key = key;
            this.json = json;
        }

        static Change of(Dialect dialect, Table table, ResultSet row) throws SQLException {
            return new Change(row.getString(1), dialect.json(table, row, 2));
        }

        int length() {
            return key.length() + (json == null ? 0 : json.length);
        }

        void send(PatchSink sink) {
            if (json == null) {
                sink.del(key);
            } else {
                sink.put(key, json);
            }
        }
    }

    /** Lets each key pass once: where rules have versions of their own, two queries may find it (rule R13). */
    final class Once implements PatchSink {
        private final PatchSink next;
        private final Set<String> sent = new HashSet<>();

        Once(PatchSink next) {
            this.next = next;
        }

        @Override
        public void put(String key, byte[] json) {
            if (sent.add(key)) {
                next.put(key, json);
            }
        }

        @Override
        public void del(String key) {
            if (sent.add(key)) {
                next.del(key);
            }
        }
    }
}
