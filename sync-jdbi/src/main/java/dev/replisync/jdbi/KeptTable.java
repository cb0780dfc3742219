package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import java.util.List;

/** What {@link KeptChanges} and {@link KeptFirst} ask of one table. */
final class KeptTable {
    static final String BUCKET = "(h >> 54)::int";

    private static final String LOOKING = " and exists (select 1 from replisync_look)";

    /** Up to how many entities of a record are looked up by their ids, and not by reading the view again. */
    private static final int KNOWN = 1_000;

    private final ViewSql view;
    private final Table table;
    private final int source;

    /** Whether the view can be gone through again for as much as its rows cost; else it is written down first. */
    private final boolean isRead;

    KeptTable(ViewSql view, int source) {
        this.view = view;
        this.table = view.table();
        this.source = source;
        this.isRead = table.isBase() && table.option(Option.VIEW_QUERY) == null;
    }

    String part(String name) {
        return "replisync_" + name + source;
    }

    private String as(String name, String select) {
        return part(name) + " as materialized (" + select + ")";
    }

    /** What is read first: {@code a}ll of the view, if it is written down. */
    List<String> writtenDown() {
        return isRead ? List.of() : List.of(as("a", view.versions("\"~key\"", "\"~version\"") + LOOKING));
    }

    /** A part of {@code replisync_s}: the sums of the view. */
    String summing() {
        return " union all select " + source + ", " + sums() + " from (select " + hash() + " as h, " + hashable()
                + " as v from " + rows() + " offset 0) x group by bucket";
    }

    private String sums() {
        return BUCKET + " as bucket, count(*) as entities, bit_xor(" + hashed("h") + ") as sum1, bit_xor("
                + hashed("~h") + ") as sum2";
    }

    /** A part of {@code replisync_k}: what is known of the view's entities, because they are in the record. */
    String known() {
        return " union all select " + source + ", key, version, h, " + hashed("h") + ", " + hashed("~h")
                + " from (select " + key() + " as key, " + version() + " as version, " + hash() + " as h, "
                + hashable() + " as v from " + rows() + " and " + (isRead ? isFew() : "false") + " offset 0) x";
    }

    /** A part of {@code replisync_v}: the view's entities in buckets of which not all is known. */
    String unknown() {
        return " union all select " + source + ", " + key() + ", " + version() + ", " + bucket()
                + " from " + rows()
                + " and exists (select 1 from replisync_c where source = " + source + ") and " + isInDiffering();
    }

    /** A condition: the row is in a bucket that differs. Said so that it is hashed, and no join. */
    private String isInDiffering() {
        return "(" + bucket() + " in (select bucket from replisync_b where source = " + source + ")) is true";
    }

    /** The whole view as buckets of a record, read once. */
    String buckets() {
        String more = isXmin() ? ", " + version() + " as version" : "";
        return "select " + source + " as source, " + sums() + ", array_agg(key) as keys, array_agg("
                + (isXmin() ? "version" : "v") + ") as versions from (select " + key() + " as key" + more + ", "
                + hash()
                + " as h, " + hashable() + " as v from " + rows() + " offset 0) x group by bucket";
    }

    /** Rows of the answer: the whole view, if something is told that meets the condition. */
    String everything(String type, String condition) {
        return "\nunion all select x.*, null from ("
                + PostgresJson.all(
                        table,
                        "t.\"~key\"",
                        type,
                        view.rows() + " and (select tell" + condition + " from replisync_decided)")
                + ") x";
    }

    private String rows() {
        return (isRead ? table.from() + " t where " + view.condition() : part("a") + " t where true") + LOOKING;
    }

    private String key() {
        return isRead ? view.dialect().key(table, "t") : "t.\"~key\"";
    }

    private String version() {
        return isRead ? view.dialect().rowVersion(table) : "t.\"~version\"";
    }

    private String hash() {
        return "hashtextextended(" + (isRead ? "t." + table.id().quoted() + "::text" : "t.\"~key\"")
                + " collate \"C\", (select salt from replisync_look))";
    }

    private String bucket() {
        return "(" + hash() + " >> 54)::int";
    }

    /** PostgreSQL makes no number of {@code xmin} but by way of its text, or as a distance: here from the first one. */
    private String hashable() {
        return isXmin() ? "((select age('3'::xid)) - age(t.xmin)::bigint) & 4294967295" : version();
    }

    private String hashed(String seed) {
        return isXmin() ? "hashint8extended(v, " + seed + ")" : "hashtextextended(v collate \"C\", " + seed + ")";
    }

    private boolean isXmin() {
        return isRead && table.rowVersion() == Table.RowVersion.XMIN;
    }

    /**
     * A condition: the row is one of those that the record has in buckets that differ, if these are few. Where the planner
     * took the table for small, all rows are gone through, and only those in the buckets are to be compared with each id.
     */
    private String isFew() {
        return "(select coalesce(sum(cardinality(keys)), 0) <= " + KNOWN + " from replisync_b where source = " + source
                + ") and " + isInDiffering() + " and t."
                + table.id().quoted() + " = any(array(select " + view.dialect().idFromKey(table, "u.key")
                + " from replisync_b b cross join unnest(b.keys) u (key) where b.source = " + source + "))";
    }

    /**
     * What the client is {@code t}old, with its rows: 1 to put, 2 to delete. A handful is looked up by id; else the view
     * is read again.
     */
    String telling() {
        String rows = isRead
                ? view.rows()
                : "select t.*, a.\"~key\", a.\"~version\" from " + table.from() + " t full join " + part("a")
                        + " a on a.\"~key\" = " + view.dialect().key(table, "t") + " where " + isThere("a.\"~key\"")
                        + " and " + isThere("t." + table.id().quoted());
        String lookedUp =
                " and (select looked_up from replisync_few) and t." + table.id().quoted() + " = any(array(select "
                        + view.dialect().idFromKey(table, "h.key") + " from " + held() + " h))";
        String readAgain = " and (select fits and not looked_up from replisync_few)";
        return as(
                "t",
                "select h.key as \"~told\", case when t.\"~version\" is not distinct from h.held then 0 when"
                        + " t.\"~version\" is null then 2 else 1 end as \"~op\", t.* from " + held()
                        + " h full join (select t.* from (" + rows + lookedUp + ") t union all select t.* from (" + rows
                        + readAgain + ") t full join " + held()
                        + " h on h.key = t.\"~key\" where " + isThere("h.key") + " and " + isThere("t.\"~key\"") + ") t"
                        + " on t.\"~key\" = h.key where " + isThere("h.key")
                        + " and (select fits from replisync_few)");
    }

    /**
     * A condition: not null, said so that the planner makes no inner join of a full one for it, which may be a nested
     * loop: for 65,000 changed rows that took minutes.
     */
    private static String isThere(String column) {
        return "case when " + column + " is null then false else true end";
    }

    private String held() {
        return "(select key, held from replisync_h where source = " + source + ")";
    }

    /** Rows of the answer: keys with values, and without if they are gone. */
    String patch(String type) {
        return "\nunion all select t.\"~told\", case when t.\"~op\" = 1 then " + PostgresJson.of(table, type)
                + " end, null from " + part("t") + " t where t.\"~op\" > 0 and (select tell from replisync_decided)"
                + everything(type, " and not continued");
    }

    /** A condition: something is told. */
    String isTold() {
        return " or exists (select 1 from " + part("t") + " where \"~op\" > 0)";
    }
}
