package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replisync.Mutators;
import dev.replisync.SyncServer;
import dev.replisync.error.ConfigurationException;
import dev.replisync.protocol.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients see of a row's columns: the same on each database (rules R61 to R65). */
class JsonTest {
    private static final SyncedTable ALL = SyncedTable.of("sample")
            .key("sample/", "id")
            .columns("id", "txt", "bool", "small", "num", "real8", "real4", "uid", "ts", "tstz", "dat", "tim", "jsn")
            .number("big", "bigNumber")
            .string("big", "bigString")
            .string("num", "numString")
            .json("jsontext", "text as \"JSON\"");

    private static void create(TestDatabase db) {
        db.execute("create table sample (id bigint primary key, txt varchar, bool boolean, small smallint, big bigint,"
                + " num numeric(12, 3), real8 double precision, real4 real, uid uuid, ts timestamp, tstz timestamp with time"
                + " zone, dat date, tim time(6), jsn json, jsontext varchar)");
    }

    /** Writes rows with the writer, and reads them as a first pull and as an incremental one do. */
    private static List<String> rows(DatabaseKind kind, List<Map<String, Object>> rows) {
        try (TestDatabase db = TestDatabase.create(kind)) {
            create(db);
            JdbiStorage storage =
                    JdbiStorage.builder(db.jdbi()).tables(ALL).build().install();
            try (SyncServer<Handle> server = server(storage)) {
                Tab tab = new Tab(server, "u", "g", "c");
                tab.pull();
                server.<RuntimeException>write("s", (h, ctx) -> rows.forEach(row -> ALL.insert(h, ctx, row)));
                List<String> changes = new ArrayList<>(tab.pull());
                changes.sort(null);
                List<String> first = new ArrayList<>(new Tab(server, "u", "g", "c").pull());
                first.sort(null);
                assertThat(changes).as("incremental and first pull").isEqualTo(first);
                server.<RuntimeException>write("s", (h, ctx) -> {
                    for (Map<String, Object> row : rows) {
                        Map<String, Object> found = ALL.find(h, row.get("id")).orElseThrow();
                        row.forEach((column, value) -> assertThat(found.entrySet().stream()
                                        .filter(e -> e.getKey().equalsIgnoreCase(column))
                                        .map(e -> String.valueOf(e.getValue()))
                                        .toList())
                                .as(column)
                                .containsExactly(String.valueOf(value)));
                    }
                });
                return first;
            }
        }
    }

    private static SyncServer<Handle> server(JdbiStorage storage) {
        return SyncServer.builder(storage)
                .strategy("global")
                .mutators(new Mutators<Handle>().add("none", Void.class, (h, args, ctx) -> {}))
                .build();
    }

    private static Map<String, Object> full() {
        Map<String, Object> row = new HashMap<>();
        row.put("id", 9_007_199_254_740_993L);
        row.put("txt", "ı İ \"\\\n\t\u0001 \u2028 </script> 😀");
        row.put("bool", true);
        row.put("small", -7);
        row.put("big", 42L);
        row.put("num", new BigDecimal("-1234.500"));
        row.put("real8", 0.1);
        row.put("uid", UUID.fromString("00000000-0000-0000-0000-00000000000a"));
        row.put("ts", LocalDateTime.of(2026, 1, 2, 3, 4, 5, 678_901_000));
        row.put("tstz", Instant.parse("2026-07-01T23:00:00.5Z"));
        row.put("dat", LocalDate.of(2026, 2, 28));
        row.put("tim", LocalTime.of(23, 59, 59, 1_000));
        row.put("jsn", Json.parse("{\"b\":[1.0,true,null],\"a\":\"ı\"}"));
        row.put("jsontext", "{\"z\":1e2,  \"a\":\"\\ud800\", \"a\":2}");
        return row;
    }

    @Test
    void bothDatabasesSayTheSame() {
        Map<String, Object> row = full();
        Map<String, Object> empty = new HashMap<>(Map.of("id", 1L));
        full().keySet().stream().filter(c -> !c.equals("id")).forEach(c -> empty.put(c, null));
        List<Map<String, Object>> rows = List.of(row, empty);
        List<String> onPostgres = rows(DatabaseKind.POSTGRESQL, rows);
        assertThat(rows(DatabaseKind.H2, rows)).isEqualTo(onPostgres);
        assertThat(onPostgres)
                .containsExactly(
                        "put sample/1 {\"id\":\"1\",\"txt\":null,\"bool\":null,\"small\":null,\"num\":null,\"real8\":null,"
                                + "\"real4\":null,\"uid\":null,\"ts\":null,\"tstz\":null,\"dat\":null,\"tim\":null,\"jsn\":null,"
                                + "\"bigNumber\":null,\"bigString\":null,\"numString\":null,\"text as \\\"JSON\\\"\":null}",
                        "put sample/9007199254740993 {\"id\":\"9007199254740993\",\"txt\":\"ı İ \\\"\\\\\\n\\t\\u0001 \u2028"
                                + " </script> 😀\",\"bool\":true,\"small\":-7,\"num\":-1234.5,\"real8\":0.1,\"real4\":null,"
                                + "\"uid\":\"00000000-0000-0000-0000-00000000000a\",\"ts\":\"2026-01-02T03:04:05.678901\","
                                + "\"tstz\":\"2026-07-01T23:00:00.500000Z\",\"dat\":\"2026-02-28\",\"tim\":\"23:59:59.000001\","
                                + "\"jsn\":{\"b\":[1.0,true,null],\"a\":\"ı\"},\"bigNumber\":42,\"bigString\":\"42\","
                                + "\"numString\":\"-1234.500\",\"text as \\\"JSON\\\"\":{\"z\":100.0,\"a\":2}}");
    }

    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void whatJavaScriptWouldRoundMustBeDeclared(DatabaseKind kind) {
        try (TestDatabase db = TestDatabase.create(kind)) {
            create(db);
            db.execute("create table odd (id time primary key)");
            JdbiStorage storage = JdbiStorage.builder(db.jdbi())
                    .tables(
                            SyncedTable.of("sample").key("a/", "id").columns("id", "big", "nothing"),
                            SyncedTable.of("missing").key("a/b/", "id").columns("id"),
                            SyncedTable.of("odd").key("c/", "id").columns("id"))
                    .build()
                    .install();
            assertThatThrownBy(() -> server(storage))
                    .isInstanceOfSatisfying(
                            ConfigurationException.class,
                            e -> assertThat(e.problems().stream().map(p -> p.toLowerCase(java.util.Locale.ROOT)))
                                    .anyMatch(p -> p.contains("column big of table sample")
                                            && p.contains("declare it with number(…) or string(…)"))
                                    .anyMatch(p -> p.startsWith("table sample has no column nothing; it has id, txt"))
                                    .anyMatch(p -> p.startsWith("table missing cannot be read: "))
                                    .anyMatch(p -> p.startsWith("column id of table odd is of type"))
                                    .anyMatch(p -> p.contains(
                                            "the prefix 'a/b/' of table missing begins with 'a/' of table sample"))
                                    .hasSize(5));
        }
    }

    /** Rules R61 and R62: refused or kept, never altered, and never an endless loop. */
    @ParameterizedTest
    @EnumSource(DatabaseKind.class)
    void oddTextsAreRefusedOrKept(DatabaseKind kind) {
        SyncedTable texts =
                SyncedTable.of("txts").key("txt/", "id").columns("id").value("val");
        SyncedTable valued = SyncedTable.of("txts").key("txt/", "id").value("val");
        assertThat(texts.declaration().problems()).singleElement().asString().contains("both columns and value(…)");
        try (TestDatabase db = TestDatabase.create(kind)) {
            db.execute("create table txts (id varchar(100) primary key, val " + (db.isPostgres() ? "json" : "varchar")
                    + ")");
            JdbiStorage storage =
                    JdbiStorage.builder(db.jdbi()).tables(valued).build().install();
            try (SyncServer<Handle> server = SyncServer.builder(storage)
                    .strategy("global")
                    .mutators(new Mutators<Handle>()
                            .add("put", Json.class, (h, json, ctx) -> {
                                // As an application does that reads its arguments loosely.
                                String id = String.valueOf(new com.fasterxml.jackson.databind.ObjectMapper()
                                        .readTree(json.toByteArray())
                                        .path("id")
                                        .asText());
                                valued.put(h, ctx, Map.of("id", id, "val", json));
                            })
                            .add(
                                    "plain",
                                    Json.class,
                                    (h, json, ctx) -> h.execute("insert into txts (id) values (?)", "x\ud800" + json)))
                    .build()) {
                Tab tab = new Tab(server, "u", "g", "c");
                tab.push("put", Json.parse("{\"id\":\"a\\ud800\"}"));
                tab.push("put", Json.parse("{\"id\":\"a\\ud801\"}"));
                tab.push("put", Json.parse("{\"id\":\"a\\u0000\"}"));
                tab.push("plain", Json.parse("1"));
                tab.push("put", Json.parse("{\"id\":\"ok\",\"v\":\"\\ud800\\u0000\",\"n\":1e2}"));
                tab.pull();
                assertThat(tab.ids().path("c").longValue()).isEqualTo(5);
                assertThat(tab.view()).containsOnlyKeys("txt/ok");
            }
        }
    }
}
