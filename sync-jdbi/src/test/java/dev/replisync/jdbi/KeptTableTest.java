package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.replisync.storage.KeptViews;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Views of several entities in each bucket: whatever changes is found, by whichever way it is looked for. */
class KeptTableTest {
    private static final int ROWS = 1_500;
    private static final int ROUNDS = 10;

    /** No value goes with another value's version, as mutators see to. */
    private static final String VERSION = "(random() * 1e15)::bigint";

    private static TestDatabase db;

    private final List<Holder> tabs = new ArrayList<>();
    private Random random;
    private int inserted;

    /** Where versions are, and whether the view is a query. */
    enum Kind {
        XMIN,
        COLUMN,
        HASH,
        WINDOW
    }

    @BeforeAll
    static void open() {
        db = TestDatabase.postgres("");
    }

    @AfterAll
    static void close() {
        db.close();
    }

    @BeforeEach
    void create() {
        db.execute(
                "drop table if exists thing",
                "drop table if exists hidden",
                "drop table if exists twin",
                "create table twin (id text primary key, val text not null, ver bigint not null default " + VERSION
                        + ")",
                "insert into twin select n, 'x' from generate_series(1, " + ROWS / 2 + ") n",
                "create table thing (id text primary key, val text not null, ver bigint not null default " + VERSION
                        + ")",
                "create table hidden (id text)",
                "create index on hidden (id)",
                "insert into thing select n, 'x' from generate_series(1, " + ROWS + ") n",
                "analyze thing");
        random = new Random(ROWS);
        inserted = ROWS;
    }

    private KeptViews views(Kind kind) {
        return new KeptReads(node(kind), "v", KeptStore.LIFE);
    }

    private Node node(Kind kind) {
        Names names = new Names(null, "thing_" + kind.name().toLowerCase(Locale.ROOT) + "_");
        Installer.install(db.jdbi(), names);
        String seen = "not exists (select 1 from hidden h where h.id = t.id)";
        SyncedTable things = SyncedTable.of("thing").key("thing/", "id").columns("val");
        SyncedTable table = switch (kind) {
            case XMIN -> things.where(seen);
            case COLUMN -> things.where(seen).rowVersionColumn("ver");
            case HASH -> things.where(seen).rowVersionHash();
            case WINDOW -> things.viewQuery("select t.id from thing t where " + seen);
        };
        // Of the same ids, in the same buckets.
        SyncedTable twin =
                SyncedTable.of("twin").key("twin/", "id").columns("val").rowVersionColumn("ver");
        return new Node(db.jdbi(), names, new TestClock(), List.of(table, twin), null);
    }

    private String any() {
        return "'" + (1 + random.nextInt(inserted)) + "'";
    }

    private void change() {
        switch (random.nextInt(11)) {
            case 9 -> db.execute("update twin set val = val || 'y', ver = " + VERSION + " where id = " + any());
            case 10 ->
                db.execute(
                        "delete from twin where id = " + any(),
                        "insert into twin values (" + any() + ", 'new') on conflict do nothing");
            case 0, 1 -> db.execute("update thing set val = val || 'y', ver = " + VERSION + " where id = " + any());
            case 2 -> db.execute("insert into thing values ('" + ++inserted + "', 'new')");
            case 3 -> db.execute("delete from thing where id = " + any());
            case 4 -> db.execute("insert into hidden values (" + any() + ")");
            case 5 -> db.execute("delete from hidden");
            // Number of rows and all versions stay, and so do the ids.
            case 6 -> {
                String one = any();
                String other = any();
                db.execute("update thing t set val = o.val, ver = o.ver from thing o where t.id in (" + one + ", "
                        + other + ") and o.id in (" + one + ", " + other + ") and o.id <> t.id");
            }
            // And here the ids do not.
            case 7 -> db.execute("update thing set id = '" + ++inserted + "' where id = " + any());
            default ->
                db.execute("update thing set val = 'z' || random(), ver = " + VERSION + " where length(id) % "
                        + (1 + random.nextInt(4)) + " = 0");
        }
    }

    private static Map<String, String> committed() {
        return db.jdbi().withHandle(h -> {
            Map<String, String> view = new TreeMap<>();
            h.select(
                            "select 'thing/' || id, val from thing t where not exists (select 1 from hidden h where h.id = t.id)"
                                    + " union all select 'twin/' || id, val from twin")
                    .map((row, ctx) -> view.put(row.getString(1), "{\"val\":\"" + row.getString(2) + "\"}"))
                    .list();
            return view;
        });
    }

    @ParameterizedTest
    @EnumSource
    void whateverChangesIsTold(Kind kind) {
        KeptViews views = views(kind);
        Holder first = new Holder(views, "ann", "g");
        first.pull();
        assertThat(first.view()).isEqualTo(committed());
        for (int i = 0; i < 3; i++) {
            tabs.add(first.tab());
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = random.nextInt(3); i >= 0; i--) {
                change();
            }
            Holder tab = tabs.get(random.nextInt(tabs.size()));
            Map<String, String> before = new TreeMap<>(tab.view());
            List<String> patch = tab.pull();
            Map<String, String> now = committed();
            assertThat(tab.view()).as("%s, round %s", kind, round).isEqualTo(now);
            assertThat(tab.last().continued()).isTrue();
            if (kind == Kind.HASH) {
                assertThat(patch).as("nothing else").hasSize(differences(before, now));
            }
        }
        for (Holder tab : tabs) {
            tab.pull();
            assertThat(tab.view()).isEqualTo(committed());
            assertThat(tab.pull()).isEmpty();
        }
    }

    /** What stays the same there: the number of entities, their versions, and once their ids too. */
    @Test
    void whatChangesWithinABucketIsTold() {
        KeptViews views = views(Kind.COLUMN);
        Holder tab = new Holder(views, "ann", "g");
        tab.pull();
        List<String> pair = db.jdbi()
                .withHandle(h -> h.select("select array[min(id), max(id)] from (select id,"
                                + " hashtextextended(id collate \"C\", salt) >> shift as bucket from thing cross join (select"
                                + " salt, shift from thing_column_view where epoch <> id order by no desc limit 1) v) t"
                                + " group by bucket"
                                + " having count(*) > 1 limit 1")
                        .map((row, ctx) -> List.of((String[]) row.getArray(1).getArray()))
                        .one());
        String one = pair.get(0);
        String other = pair.get(1);
        db.execute("update thing t set val = 'of ' || o.id, ver = o.ver from thing o where t.id in ('" + one + "', '"
                + other + "') and o.id in ('" + one + "', '" + other + "') and o.id <> t.id");
        assertThat(tab.pull()).as("versions exchanged").hasSize(2);
        assertThat(tab.view()).isEqualTo(committed());
        db.execute("delete from thing where id = '" + one + "'");
        tab.pull();
        db.execute("update thing set id = '" + one + "' where id = '" + other + "'");
        assertThat(tab.pull()).as("one id for another").hasSize(2);
        assertThat(tab.view()).isEqualTo(committed());
    }

    /** Whatever the planner believes of tables that it knows nothing of: with 65,000 rows on both sides it took minutes. */
    @ParameterizedTest
    @EnumSource
    void noTwoViewsAreJoinedByANestedLoop(Kind kind) throws Exception {
        Node node = node(kind);
        KeptPull.Query query = KeptPull.Query.of(node, ViewSql.of(node, "s"), "v");
        for (NamedSql sql : List.of(query.sql(), query.limited(), query.first())) {
            noTwoViewsAreJoinedByANestedLoop(plan(node, query, sql, "hashjoin", "mergejoin"));
        }
    }

    /**
     * Where it took a table for small it reads all of it, and for 2,000 ids compared with each of 100,000 rows it took ten
     * seconds. Of what it takes for many it makes no hash.
     */
    @ParameterizedTest
    @EnumSource
    void rowsAreFoundInAHashBeforeTheyAreComparedWithEachId(Kind kind) throws Exception {
        Node node = node(kind);
        new Holder(views(kind), "ann", "g").pull();
        db.execute("update pg_class set relpages = 1, reltuples = 1000000 where oid = '"
                + node.names().viewBucket() + "'::regclass");
        KeptPull.Query query = KeptPull.Query.of(node, ViewSql.of(node, "s"), "v");
        List<String> filters =
                plan(node, query, query.limited(), "indexscan", "bitmapscan").findValuesAsText("Filter").stream()
                        .filter(filter -> filter.contains("id = ANY ("))
                        .toList();
        assertThat(filters)
                .as("conditions that ids are among some")
                .isNotEmpty()
                .allMatch(filter -> filter.matches(".*\\bhashed SubPlan\\b.*id = ANY \\(.*"));
    }

    private static void noTwoViewsAreJoinedByANestedLoop(JsonNode plan) {
        List<JsonNode> loops = new ArrayList<>();
        plan.findParents("Node Type").stream()
                .filter(step -> step.path("Node Type").textValue().equals("Nested Loop"))
                .forEach(loops::add);
        assertThat(loops).as("nested loops, such as over a single row").isNotEmpty();
        assertThat(loops)
                .filteredOn(loop -> StreamSupport.stream(loop.path("Plans").spliterator(), false)
                                .filter(KeptTableTest::readsAView)
                                .count()
                        > 1)
                .as("nested loops over two views")
                .isEmpty();
    }

    private static JsonNode plan(Node node, KeptPull.Query query, NamedSql sql, String... disabled) throws Exception {
        Map<String, Object> parameters = KeptPull.parameters(
                node, query, new KeptViews.Request("ann", "s", "g", "p", Optional.of(new KeptViews.Position("x", 1))));
        parameters.put(KeptSql.USED, 0L);
        return db.jdbi().inTransaction(h -> {
            for (String way : disabled) {
                h.execute("set local enable_" + way + " = off");
            }
            h.execute("set local work_mem = '64kB'");
            try (PreparedStatement explain = h.getConnection().prepareStatement("explain (format json) " + sql.sql())) {
                Flush.bind(h.getConnection(), explain, 1, sql.values(parameters));
                try (ResultSet row = explain.executeQuery()) {
                    row.next();
                    return JsonMapper.builder().build().readTree(row.getString(1));
                }
            }
        });
    }

    /** All of it: rows that are looked up by an index are few, or the inner side of a loop that is meant. */
    private static boolean readsAView(JsonNode step) {
        boolean input = step.path("Parent Relationship").textValue().matches("Outer|Inner|Member|Subquery");
        boolean view = step.path("CTE Name").asText().matches("replisync_([kvdhpt]|[at]\\d)")
                || (step.path("Relation Name").asText().matches("thing|twin")
                        && step.path("Node Type").asText().equals("Seq Scan"));
        return input
                && (view
                        || StreamSupport.stream(step.path("Plans").spliterator(), false)
                                .anyMatch(KeptTableTest::readsAView));
    }

    private static int differences(Map<String, String> before, Map<String, String> now) {
        Map<String, String> all = new TreeMap<>(before);
        all.putAll(now);
        all.entrySet().removeIf(e -> e.getValue().equals(before.get(e.getKey())) && now.containsKey(e.getKey()));
        return all.size();
    }
}
