package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import java.util.List;

/** What {@link KeptChanges} and {@link KeptFirst} ask of one table. */
final class KeptTable {
    private final ViewSql view;
    private final Table table;
    private final int source;
    private final String look;

    /** Whether the view can be gone through again for as much as its rows cost; else it is written down first. */
    private final boolean isRead;

    /** @param look a query of one row if the view is looked at, and else of none: how hashes are made, and how many buckets */
    KeptTable(ViewSql view, int source, String look) {
        this.view = view;
        this.look = look;
        this.table = view.table();
        this.source = source;
        this.isRead = table.isBase() && table.option(Option.VIEW_QUERY) == null;
    }

    boolean isRead() {
        return isRead;
    }

    String part(String name) {
        return "replisync_" + name + source;
    }

    /** What is read first: {@code a}ll of the view, if it is written down. */
    List<String> writtenDown() {
        return isRead
                ? List.of()
                : List.of(part("a") + " as materialized (" + view.versions("\"~key\"", "\"~version\"")
                        + " and exists (select 1 from replisync_look))");
    }

    /** A row for each entity of the view; it is not gone through if it is not looked at. */
    String looking() {
        return "select 1 from "
                + (isRead ? table.from() + " t where " + view.condition() : part("a") + " t where true")
                + " and exists (select 1 from replisync_look)";
    }

    /** A part of {@code replisync_s}: the sums of the view. */
    String summing() {
        return "select " + source + " as source, " + sums() + " from "
                + goneThrough(look, hash() + " as h, " + hashable() + " as v", "") + " group by bucket";
    }

    private String sums() {
        return "(h >> l.shift)::int as bucket, count(*) as entities, bit_xor(" + hashed("h") + ") as sum1, bit_xor("
                + hashed("~h") + ") as sum2";
    }

    /** A part of {@code replisync_k}: what is known of the view's entities, because they are in the record. If the view is read. */
    String known() {
        return "select " + source + " as source, key, version, (h >> l.shift)::int as bucket, " + hashed("h")
                + " as sum1, " + hashed("~h") + " as sum2 from "
                + goneThrough(
                        "replisync_g",
                        key() + " as key, " + version() + " as version, " + hash() + " as h, " + hashable() + " as v",
                        " and " + isOneOf(view.dialect().idFromKey(table, "u.key") + " from unnest(l.keys) u (key)"))
                + " where l.source = " + source;
    }

    /** A part of {@code replisync_v}: the view's entities in buckets of which not all is known. */
    String unknown() {
        return " union all select " + source + ", x.* from "
                + goneThrough(
                        "replisync_c",
                        key() + " as key, " + version() + " as version, " + bucket() + " as bucket",
                        // Said so that it is hashed, and no join.
                        " and (" + bucket() + " in (select bucket from replisync_b where source = " + source
                                + ")) is true")
                + " where l.source = " + source;
    }

    /** The whole view as buckets of a record, read once. */
    String buckets() {
        String more = isXmin() ? ", " + version() + " as version" : "";
        return "select " + source + " as source, " + sums() + ", array_agg(key) as keys, array_agg("
                + (isXmin() ? "version" : "v") + ") as versions from "
                + goneThrough(look, key() + " as key" + more + ", " + hash() + " as h, " + hashable() + " as v", "")
                + " group by bucket";
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

    /**
     * The view as {@code x}, gone through once if {@code l} has a row, which says how to hash, and else not at all: what
     * is lateral and has an offset is not turned into a join that begins with the view.
     */
    private String goneThrough(String l, String columns, String condition) {
        return l + " l cross join lateral (select " + columns + " from "
                + (isRead ? table.from() + " t where " + view.condition() : part("a") + " t where true") + condition
                + " offset 0) x";
    }

    private String key() {
        return isRead ? view.dialect().key(table, "t") : "t.\"~key\"";
    }

    private String version() {
        return isRead ? view.dialect().rowVersion(table) : "t.\"~version\"";
    }

    private String hash() {
        return "hashtextextended(" + (isRead ? "t." + table.id().quoted() + "::text" : "t.\"~key\"")
                + " collate \"C\", l.salt)";
    }

    private String bucket() {
        return "(" + hash() + " >> l.shift)::int";
    }

    /** PostgreSQL makes no number of {@code xmin} but by way of its text, or as a distance: here from the first one. */
    private String hashable() {
        return isXmin() ? "(l.start - age(t.xmin)::bigint) & 4294967295" : version();
    }

    private String hashed(String seed) {
        return isXmin() ? "hashint8extended(v, " + seed + ")" : "hashtextextended(v collate \"C\", " + seed + ")";
    }

    private boolean isXmin() {
        return isRead && table.rowVersion() == Table.RowVersion.XMIN;
    }

    /**
     * A condition: the row's id is one of these. Where the planner took the table for small, all rows are gone through, and
     * only those that are found in a hash are compared with each id.
     *
     * @param ids SQL that follows a select
     */
    private String isOneOf(String ids) {
        String id = "t." + table.id().quoted();
        return "(" + id + " in (select " + ids + ")) is true and " + id + " = any(array(select " + ids + "))";
    }

    /** A part of {@code replisync_t}: of what the client may have to be told, the rows that are in the view. */
    String lookedUp(String type) {
        String told = "from replisync_p h where h.source = " + source;
        String isTold = isOneOf(view.dialect().idFromKey(table, "h.key") + " " + told);
        String rows = isRead
                ? view.rows() + " and " + isTold
                : "select t.*, a.\"~key\", a.\"~version\" from (select t.* from " + table.from() + " t where " + isTold
                        + ") t "
                        + inView("(select * from " + part("a") + " where (\"~key\" in (select h.key " + told
                                + ")) is true)")
                        + " and exists (select 1 " + told + ")";
        return PostgresJson.all(table, "t.\"~key\" as key, t.\"~version\" as version", type, rows);
    }

    /** What the client is {@code t}old, with its rows: 1 to put, 2 to delete. The view is read again for it. */
    String readAgain() {
        String rows = isRead
                ? view.rows()
                : "select t.*, a.\"~key\", a.\"~version\" from " + table.from() + " t " + inView(part("a"));
        String held = "from replisync_h where source = " + source;
        return part("t") + " as materialized (select h.key as \"~told\", " + op("t.\"~version\"") + " as \"~op\", t.*"
                + " from (select key, held " + held + ") h full join (" + rows + " and exists (select 1 " + held
                + ")) t on t.\"~key\" = h.key where " + isThere("h.key") + ")";
    }

    /** What is to be done about an entity {@code h.held}: 1 to put, 2 to delete, 0 for nothing. */
    static String op(String version) {
        return "case when " + version + " is not distinct from h.held then 0 when " + version
                + " is null then 2 else 1 end";
    }

    /** Leaves rows of the view only, of which these are written down. */
    private String inView(String written) {
        return "full join " + written + " a on a.\"~key\" = " + view.dialect().key(table, "t") + " where "
                + isThere("a.\"~key\"") + " and " + isThere("t." + table.id().quoted());
    }

    /**
     * A condition: not null, said so that the planner makes no inner join of a full one for it, which may be a nested
     * loop: for 65,000 changed rows that took minutes.
     */
    static String isThere(String column) {
        return "case when " + column + " is null then false else true end";
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
