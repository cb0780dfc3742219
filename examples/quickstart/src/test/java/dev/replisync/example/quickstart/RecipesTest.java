package dev.replisync.example.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.MutationContext;
import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.SyncServer.Subscription;
import dev.replisync.jdbi.JdbiStorage;
import dev.replisync.jdbi.SyncedTable;
import dev.replisync.protocol.Caller;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The recipes of the documents. */
class RecipesTest {
    private static final SyncedTable ITEMS = ShoppingList.ITEMS;

    private final Jdbi jdbi = Jdbi.create("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    private SyncServer<Handle> server;

    record Order(String id) {}

    // tag::outbox-mutator[]
    static void order(Handle db, Order order, MutationContext ctx) {
        db.execute("update item set bought = true where id = ?", order.id());
        ctx.touch("item/" + order.id());
        db.execute("insert into outbox (id, message) values (?, ?)", UUID.randomUUID(), "order " + order.id());
    }
    // end::outbox-mutator[]

    interface Mail {
        void send(UUID id, String message);
    }

    // tag::outbox-worker[]
    /** Run by a timer. At least once: the receiver must know a message's id when it comes again. */
    static void sendOutbox(Jdbi jdbi, Mail mail) {
        boolean sent = true;
        while (sent) {
            sent = jdbi.inTransaction(db -> {
                Optional<OutboxRow> row = db.createQuery("select id, message from outbox limit 1 for update")
                        .map((rs, ctx) -> new OutboxRow(rs.getObject("id", UUID.class), rs.getString("message")))
                        .findFirst();
                row.ifPresent(next -> {
                    mail.send(next.id(), next.message());
                    db.execute("delete from outbox where id = ?", next.id());
                });
                return row.isPresent();
            });
        }
    }

    record OutboxRow(UUID id, String message) {}
    // end::outbox-worker[]

    @BeforeEach
    void start() {
        jdbi.useHandle(db -> {
            db.execute("create table item (id varchar primary key, name varchar, bought boolean)");
            db.execute("create table outbox (id uuid primary key, message varchar not null)");
        });
        server = SyncServer.builder(
                        JdbiStorage.builder(jdbi).tables(ITEMS).build().install())
                .mutators(new Mutators<Handle>().add("order", Order.class, RecipesTest::order))
                .strategy("global")
                .build();
    }

    private static ByteArrayInputStream json(String text) {
        return new ByteArrayInputStream(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private String pull() {
        return server.pull(
                        Caller.of("alice"),
                        json("{'pullVersion':1,'clientGroupID':'g','profileID':'','schemaVersion':'','cookie':null}"))
                .text();
    }

    @Test
    void anOutboxRowIsWrittenWithTheMutationAndSentAfterwards() {
        server.write("default", (db, ctx) -> ITEMS.insert(db, ctx, new ShoppingList.Item("milk", "Milk", false)));
        String push = "{'pushVersion':1,'clientGroupID':'g','profileID':'','schemaVersion':'','mutations':["
                + "{'clientID':'c','id':1,'name':'order','timestamp':1,'args':{'id':'milk'}}]}";
        assertThat(server.push(Caller.of("alice"), json(push)).status()).isEqualTo(200);
        assertThat(server.push(Caller.of("alice"), json(push)).status()).isEqualTo(200);

        List<String> sent = new ArrayList<>();
        sendOutbox(jdbi, (id, message) -> sent.add(message));
        sendOutbox(jdbi, (id, message) -> sent.add(message));
        assertThat(sent).containsExactly("order milk");
        assertThat(pull()).contains("\"bought\":true");
    }

    @Test
    void theServerWritesAndPokes() throws InterruptedException {
        CountDownLatch poked = new CountDownLatch(1);
        try (Subscription subscription = server.pokes(Caller.of("bob"), poked::countDown)) {
            // tag::server-write[]
            server.write("default", (db, ctx) -> {
                db.execute("insert into item (id, name, bought) values ('tea', 'Tea', false)");
                ctx.touch("item/tea");
            });
            // end::server-write[]
            assertThat(poked.await(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(pull()).contains("item/tea");
    }

    @Test
    void anApplicationWritesInItsOwnTransaction() throws InterruptedException {
        CountDownLatch poked = new CountDownLatch(1);
        try (Subscription subscription = server.pokes(Caller.of("bob"), poked::countDown)) {
            // tag::write-within[]
            Runnable poke = jdbi.inTransaction(handle -> server.writeWithin(
                    handle, "default", (db, ctx) -> ITEMS.insert(db, ctx, new ShoppingList.Item("jam", "Jam", false))));
            poke.run();
            // end::write-within[]
            assertThat(poked.await(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(pull()).contains("item/jam");
    }
}
