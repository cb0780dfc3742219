package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.storage.KeptViews;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The application's columns may be called, and compare, as they like. */
class KeptColumnsTest {
    private static final int ROWS = 150;

    /** Some of what parts of the statement call their columns and rows, and what must be quoted. */
    private static final List<String> ODD = List.of(
            "t",
            "h",
            "r",
            "x",
            "b",
            "k",
            "v",
            "j",
            "u",
            "l",
            "d",
            "key",
            "json",
            "info",
            "version",
            "versions",
            "keys",
            "source",
            "bucket",
            "entities",
            "sum1",
            "held",
            "continued",
            "told",
            "salt",
            "shift",
            "no",
            "n",
            "fits",
            "Upper",
            "two words",
            "a\"b",
            "order");

    private static final Names NAMES = new Names(null, "columns_");

    private static TestDatabase db;

    /** Where versions are, and what the view is of. */
    enum Kind {
        XMIN,
        COLUMN,
        HASH,
        WINDOW,
        QUERY
    }

    @BeforeAll
    static void open() {
        db = TestDatabase.postgres("");
        Installer.install(db.jdbi(), NAMES);
    }

    @AfterAll
    static void close() {
        db.assertNoConnectionLeaks();
        db.close();
    }

    @BeforeEach
    void create() {
        db.execute("drop table if exists odd", "delete from " + NAMES.view());
    }

    private static Node node(SyncedTable... tables) {
        return new Node(db.jdbi(), NAMES, new TestClock(), List.of(tables), null);
    }

    private static KeptViews views(SyncedTable... tables) {
        return new KeptReads(node(tables), "v", KeptStore.LIFE);
    }

    @ParameterizedTest
    @EnumSource
    void columnsMayHaveAnyName(Kind kind) {
        db.execute(
                "create table odd (id int primary key, rv uuid default gen_random_uuid(), "
                        + ODD.stream().map(c -> Names.quote(c) + " text").collect(Collectors.joining(", ")) + ")",
                "insert into odd select n from generate_series(1, " + ROWS + ") n");
        SyncedTable table = kind == Kind.QUERY ? SyncedTable.query("select * from odd") : SyncedTable.of("odd");
        table = table.key("odd/", "id");
        for (String column : ODD) {
            table = table.column(column, column);
        }
        table = switch (kind) {
            case COLUMN -> table.rowVersionColumn("rv");
            case HASH -> table.rowVersionHash();
            case WINDOW -> table.viewQuery("select id from odd");
            default -> table;
        };
        Holder tab = new Holder(views(table), "ann", "g");
        assertThat(tab.pull()).hasSize(1 + ROWS);
        for (String column : ODD) {
            db.execute("update odd set " + Names.quote(column) + " = 'of ' || id, rv = gen_random_uuid() where id = 7");
        }
        db.execute("delete from odd where id = 8");
        assertThat(tab.pull()).as("looked up").hasSize(2);
        assertThat(tab.view().get("odd/7"))
                .isEqualTo(ODD.stream()
                        .map(c -> "\"" + c.replace("\"", "\\\"") + "\":\"of 7\"")
                        .collect(Collectors.joining(",", "{", "}")));
        db.execute("update odd set r = 'all', rv = gen_random_uuid()");
        assertThat(tab.pull()).as("read again").hasSize(ROWS - 1);
    }

    /** Two of them do not compare with each other, and not with what is kept, if nothing says how. */
    @ParameterizedTest
    @EnumSource(names = {"COLUMN", "WINDOW"})
    void versionsMayHaveCollations(Kind kind) {
        db.execute(
                "drop table if exists german",
                "drop collation if exists caseless",
                "create collation caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                "create table odd (id text collate caseless primary key, r text, rv text collate caseless)",
                "create table german (id text collate \"de-x-icu\" primary key, r text, rv text collate \"de-x-icu\")",
                "insert into odd values ('a', 'x', 'v1'), ('b', 'x', 'v1')",
                "insert into german values ('a', 'x', 'v1'), ('b', 'x', 'v1')");
        SyncedTable odd = SyncedTable.of("odd").key("odd/", "id").columns("r").rowVersionColumn("rv");
        SyncedTable german =
                SyncedTable.of("german").key("german/", "id").columns("r").rowVersionColumn("rv");
        Holder tab =
                new Holder(views(kind == Kind.WINDOW ? odd.viewQuery("select id from odd") : odd, german), "ann", "g");
        assertThat(tab.pull()).hasSize(5);
        db.execute(
                "update odd set r = 'y', rv = 'V1' where id = 'a'",
                "update odd set id = 'B' where id = 'b'",
                "update german set r = 'y', rv = 'V1' where id = 'a'");
        assertThat(tab.pull())
                .containsExactly(
                        "del odd/b",
                        "put german/a {\"r\":\"y\"}",
                        "put odd/B {\"r\":\"x\"}",
                        "put odd/a {\"r\":\"y\"}");
    }
}
