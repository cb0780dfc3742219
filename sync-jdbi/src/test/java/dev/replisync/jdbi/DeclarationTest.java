package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What is wrong in a declaration by itself, and which changes of one clients must be sent everything anew for. */
class DeclarationTest {
    private static final SyncedTable ITEM = SyncedTable.of("item").key("item/", "id");

    private static List<String> problems(SyncedTable table) {
        return table.declaration().problems();
    }

    @Test
    void saysEverythingThatIsMissing() {
        assertThat(problems(SyncedTable.of("item")))
                .containsExactly(
                        "table item has no key; call key(prefix, idColumn)",
                        "table item has no columns; call columns(…), or value(…)");
        assertThat(problems(ITEM.columns("id"))).isEmpty();
        assertThat(problems(ITEM.value("val"))).isEmpty();
    }

    @Test
    void saysWhatExcludesEachOther() {
        assertThat(problems(ITEM.columns("id").value("val")))
                .containsExactly("table item has both columns and value(…); the one excludes the other");
        assertThat(problems(ITEM.columns("id", "name").column("other", "name")))
                .containsExactly("table item has two columns for one member");
        assertThat(problems(ITEM.columns("id").rulesChangedSince("true")))
                .containsExactly("table item has rulesChangedSince(…) but no readableBy(…)");
        assertThat(problems(ITEM.columns("id").rulesChangedSince("true").readableByAll("true")))
                .isEmpty();
        assertThat(problems(ITEM.columns("id").triggersPerSpace()))
                .containsExactly("table item has triggersPerSpace() but no space(…)");
        assertThat(problems(ITEM.columns("id").triggers().versionColumn("ver")))
                .containsExactly("table item has both triggers() and versionColumn(…); triggers write the ledger only");
        assertThat(problems(ITEM.columns("id").triggers().rowVersionColumn("ver")))
                .containsExactly("table item has both triggers() and rowVersionColumn(…), which triggers do not write;"
                        + " use rowVersionXmin(), which sees every write");
        assertThat(problems(ITEM.columns("id").rowVersionXmin().rowVersionHash()))
                .containsExactly(
                        "table item has more than one of rowVersionColumn(…), rowVersionXmin() and rowVersionHash()");
    }

    /** R43: version strategies tell what was written since, so whatever else changes what is seen must be noticed. */
    @Test
    void theFingerprintIsOfAllThatDecidesWhatIsSeen() {
        SyncedTable before = ITEM.columns("id");
        Map<String, UnaryOperator<SyncedTable>> seen = Map.of(
                "where", t -> t.where("t.id <> 'a'"),
                "readableBy", t -> t.readableBy("select 'ann'"),
                "readableBy with a condition", t -> t.readableBy("select 'ann'", ":user = 'ann'"),
                "readableByAll", t -> t.readableByAll("true"),
                "space", t -> t.space("space_id"),
                "deletedColumn", t -> t.deletedColumn("gone"),
                "columns", t -> t.columns("name"),
                "key", t -> t.key("other/", "id"));
        seen.forEach(
                (what, change) -> assertThat(change.apply(before).declaration().fingerprint())
                        .as("with another %s", what)
                        .isNotEqualTo(before.declaration().fingerprint()));
        Map<String, UnaryOperator<SyncedTable>> unseen = Map.of(
                "rowVersionHash",
                SyncedTable::rowVersionHash,
                "viewQuery",
                t -> t.viewQuery("select t.id from item t"));
        unseen.forEach(
                (what, change) -> assertThat(change.apply(before).declaration().fingerprint())
                        .as("with another %s, which only row versions look at", what)
                        .isEqualTo(before.declaration().fingerprint()));
    }

    /** R43: row versions compare who sees which row with each pull; only what is made of a row counts. */
    @Test
    void theShapeIsOfTheValuesOnly() {
        SyncedTable before = ITEM.columns("id");
        for (SyncedTable same : List.of(
                before.where("t.id <> 'a'"), before.readableBy("select 'ann'"), before.space("s"), before.triggers())) {
            assertThat(same.declaration().shape())
                    .isEqualTo(before.declaration().shape());
        }
        for (SyncedTable other : List.of(before.columns("name"), before.column("id", "key"), before.value("val"))) {
            assertThat(other.declaration().shape())
                    .isNotEqualTo(before.declaration().shape());
        }
    }
}
