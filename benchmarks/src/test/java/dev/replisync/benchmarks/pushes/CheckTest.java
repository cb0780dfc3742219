package dev.replisync.benchmarks.pushes;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.benchmarks.app.App;
import dev.replisync.benchmarks.lab.Client;
import dev.replisync.benchmarks.lab.Transport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A fast server that forgets is not measured. */
class CheckTest {
    private static final String KEY = "item/item-1-1";

    private final Jdbi jdbi = Jdbi.create("jdbc:h2:mem:" + UUID.randomUUID(), "sa", "");
    private Handle keepsItOpen;
    private App app;

    @BeforeEach
    void start() throws SQLException {
        keepsItOpen = jdbi.open();
        App.create(jdbi, 3);
        app = App.start(jdbi, App.Versions.LEDGER, builder -> builder.strategy("space"));
    }

    @AfterEach
    void stop() {
        app.close();
        keepsItOpen.close();
    }

    private void pushThrough(Transport transport) throws Exception {
        Client observer = new Client(app, "u", "space-1");
        observer.pull();
        Client writer = new Client(transport, "u", "space-1");
        writer.pull();
        long before = Check.sort(writer, KEY);
        for (int i = 0; i < 3; i++) {
            writer.push("change", App.args("item-1-1"));
        }
        Check.nothingIsLost(List.of(writer), List.of(KEY), List.of(before), observer, new Client(app, "u", "space-1"));
    }

    @Test
    void passesWhatIsKept() {
        assertThatCode(() -> pushThrough(app)).doesNotThrowAnyException();
    }

    @Test
    void findsAPushThatWasAcknowledgedAndNotDone() {
        assertThatThrownBy(() -> pushThrough(new Forgetful()))
                .hasMessage("writer 0: 3 mutations were acknowledged, but pulls confirm 2");
    }

    @Test
    void findsAWriteThatWasUndone() {
        assertThatThrownBy(() -> {
                    jdbi.useHandle(db -> db.execute("create trigger undo before update on item for each row call \""
                            + UndoTrigger.class.getName() + "\""));
                    pushThrough(app);
                })
                .hasMessage("writer 0: 3 mutations were acknowledged, but their item saw 0");
    }

    /** Acknowledges the third push and drops it. */
    private final class Forgetful implements Transport {
        private int pushes;

        @Override
        public byte[] push(String user, String space, byte[] body) throws IOException {
            return ++pushes == 3 ? "{}".getBytes(StandardCharsets.UTF_8) : app.push(user, space, body);
        }

        @Override
        public byte[] pull(String user, String space, byte[] body) throws IOException {
            return app.pull(user, space, body);
        }
    }

    /** Called by H2: leaves the row as it was. */
    public static final class UndoTrigger implements org.h2.api.Trigger {
        @Override
        public void fire(java.sql.Connection connection, Object[] before, Object[] after) {
            System.arraycopy(before, 0, after, 0, before.length);
        }
    }
}
