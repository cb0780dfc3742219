package dev.replisync.jdbi;

import dev.replisync.jdbi.Declaration.Option;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One table's part of {@link KeptSql}: finds how the view differs from the latest record without joining the two.
 *
 * <p>The record's entities lie in 1,024 buckets, by a hash of their ids. With each goes a count and two sums, the
 * exclusive or of hashes of its entities' ids and versions. The view is gone through once for the same counts and sums,
 * and only the entities of buckets where they differ are looked at, one by one.
 *
 * <p>What the sums miss: an entity that changes is overlooked if two hashes of 64 bits, of its old and its new version,
 * are both equal, one that is replaced by another in the same bucket and of the same version if the hashes of the ids
 * are, and never if only their number changes. By chance neither happens. By intention not either, because each history
 * has a secret salt; and who could choose ids or versions so that the sums cancel out hides what he wrote himself.
 *
 * <p>A hash is never computed for a record, only copied with it, so it may be another one after an upgrade of the
 * database: then all buckets differ once.
 */
final class KeptTable implements KeptPart {
    private static final String BUCKET = "(h >> 54)::int";

    private static final String LOOKING = " and exists (select 1 from replisync_look)";

    /** Up to how many entities of a record are looked up by their ids, and not by reading the view again. */
    private static final int KNOWN = 1_000;

    private final Names names;
    private final ViewSql view;
    private final Table table;
    private final int source;

    /** Whether the view can be gone through again for as much as its rows cost; else it is written down first. */
    private final boolean isRead;

    KeptTable(Names names, ViewSql view, int source) {
        this.names = names;
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

    /**
     * What is read: the {@code a}ll view if it is written down, its {@code s}ums, the {@code b}uckets that differ, what is
     * {@code k}nown of the view's entities in these because they are in the record, whether that is {@code c}omplete, all
     * of the {@code v}iew's entities in these, the {@code d}ifferences from the latest record, and of these and of what
     * has changed since the client's position what the client does {@code h}old.
     */
    @Override
    public List<String> reading() {
        return List.of(
                all(),
                as("s", sums("", "select " + hash() + " as h, " + hashed() + " as v from " + rows() + " offset 0")),
                as(
                        "b",
                        "select coalesce(s.bucket, r.bucket) as bucket, s.entities, s.sum1, s.sum2, r.keys, r.versions"
                                + " from " + part("s") + " s full join (select * from " + names.viewBucket()
                                + " where view_no = (select no from replisync_look) and source = " + source
                                + ") r on r.bucket = s.bucket where " + differ("s", "r")),
                as(
                        "k",
                        "select " + key() + " as key, " + version() + " as version, " + hash() + " as h, " + hashed()
                                + " as v from " + rows() + " and " + (isRead ? isFew() : "false")),
                as(
                        "c",
                        "select not exists (select 1 from " + part("b") + " b full join ("
                                + sums("", "select h, v from " + part("k")) + ") k on k.bucket = b.bucket where "
                                + differ("b", "k") + ") as complete"),
                as(
                        "v",
                        "select key, version, " + BUCKET + " as bucket from " + part("k")
                                + " where (select complete from " + part("c") + ") union all select " + key() + ", "
                                + version() + ", " + bucket() + " from " + rows() + " and (select not complete from "
                                + part("c") + ") and (" + bucket() + " in (select bucket from " + part("b")
                                + ")) is true"),
                as(
                        "d",
                        "select coalesce(v.key, o.key) as key, v.version, o.version as old from " + part("v")
                                + " v full join (select u.key, u.version from " + part("b")
                                + " b cross join unnest(b.keys, b.versions) u (key, version)) o on o.key = v.key"
                                + " where v.version is distinct from o.version"),
                as(
                        "h",
                        "select coalesce(l.entity_key, d.key) as key, case when l.entity_key is null then d.old else"
                                + " l.version end as held from " + part("d")
                                + " d full join (select distinct on (entity_key) entity_key, version from "
                                + names.viewChange() + " where view_no = (select no from replisync_look where behind)"
                                + " and n > (select n from replisync_look) and source = " + source
                                + " order by entity_key, n) l on l.entity_key = d.key"
                                + " where (select continued from replisync_look)"));
    }

    /** The view if it is written down. */
    String all() {
        return as("a", isRead ? "select 1" : view.versions("\"~key\"", "\"~version\"") + LOOKING);
    }

    /** The whole view as buckets of a record, read once. */
    String buckets() {
        String versions = isXmin() ? "version" : "v";
        return sums(
                ", array_agg(key) as keys, array_agg(" + versions + ") as versions",
                "select " + key() + " as key, " + (isXmin() ? version() + " as version, " : "") + hash() + " as h, "
                        + hashed() + " as v from " + rows() + " offset 0");
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
    private String hashed() {
        return isXmin() ? "((select age('3'::xid)) - age(t.xmin)::bigint) & 4294967295" : version();
    }

    private boolean isXmin() {
        return isRead && table.rowVersion() == Table.RowVersion.XMIN;
    }

    private String sums(String more, String hashes) {
        String function = isXmin() ? "hashint8extended(v, " : "hashtextextended(v collate \"C\", ";
        return "select " + BUCKET + " as bucket, count(*) as entities, bit_xor(" + function + "h)) as sum1, bit_xor("
                + function + "~h)) as sum2" + more + " from (" + hashes + ") x group by 1";
    }

    private static String differ(String a, String b) {
        return Stream.of("entities", "sum1", "sum2")
                .map(sum -> a + "." + sum + " is distinct from " + b + "." + sum)
                .collect(Collectors.joining(" or "));
    }

    /** A condition: the row is one of those that the record has in buckets that differ, if these are few. */
    private String isFew() {
        return "(select coalesce(sum(cardinality(keys)), 0) <= " + KNOWN + " from " + part("b") + ") and t."
                + table.id().quoted() + " = any(array(select " + view.dialect().idFromKey(table, "u.key") + " from "
                + part("b") + " b cross join unnest(b.keys) u (key)))";
    }

    /**
     * What the client is {@code t}old, with its rows: 1 to put, 2 to delete. A handful is looked up by id; else the view
     * is read again.
     */
    @Override
    public List<String> telling() {
        String rows = isRead
                ? view.rows()
                : "select t.*, a.\"~key\", a.\"~version\" from " + table.from() + " t full join " + part("a")
                        + " a on a.\"~key\" = " + view.dialect().key(table, "t") + " where " + isThere("a.\"~key\"")
                        + " and " + isThere("t." + table.id().quoted());
        String lookedUp =
                " and (select looked_up from replisync_few) and t." + table.id().quoted() + " = any(array(select "
                        + view.dialect().idFromKey(table, "h.key") + " from " + part("h") + " h))";
        String readAgain = " and (select fits and not looked_up from replisync_few)";
        return List.of(as(
                "t",
                "select h.key as \"~told\", case when t.\"~version\" is not distinct from h.held then 0 when"
                        + " t.\"~version\" is null then 2 else 1 end as \"~op\", t.* from " + part("h")
                        + " h full join (select t.* from (" + rows + lookedUp + ") t union all select t.* from (" + rows
                        + readAgain + ") t full join " + part("h")
                        + " h on h.key = t.\"~key\" where " + isThere("h.key") + " and " + isThere("t.\"~key\"") + ") t"
                        + " on t.\"~key\" = h.key where " + isThere("h.key")
                        + " and (select fits from replisync_few)"));
    }

    /**
     * A condition: not null, said so that the planner makes no inner join of a full one for it, which may be a nested
     * loop: for 65,000 changed rows that took minutes.
     */
    private static String isThere(String column) {
        return "case when " + column + " is null then false else true end";
    }

    /** Notes what entities were before, for clients that are behind, and brings the record up to date. */
    @Override
    public List<String> writing() {
        return List.of(
                part("noted") + " as (insert into " + names.viewChange()
                        + " (view_no, n, source, entity_key, version) select e.no, e.head, " + source
                        + ", d.key, d.old from " + part("d") + " d cross join replisync_head e where"
                        + " (select head from replisync_pull) > 0)",
                part("written") + " as (insert into " + names.viewBucket()
                        + " as r (view_no, source, bucket, entities, sum1, sum2, keys, versions) select e.no, " + source
                        + ", b.bucket, b.entities, b.sum1, b.sum2, v.keys, v.versions from " + part("b")
                        + " b full join (select bucket, array_agg(key) as keys, array_agg(version) as versions from "
                        + part("v") + " group by bucket) v on v.bucket = b.bucket cross join replisync_head e where"
                        + " b.entities is not null on conflict (view_no, source, bucket) do update set entities ="
                        + " excluded.entities, sum1 = excluded.sum1, sum2 = excluded.sum2, keys = excluded.keys,"
                        + " versions = excluded.versions)",
                part("emptied") + " as (delete from " + names.viewBucket()
                        + " where view_no = (select no from replisync_head) and source = " + source
                        + " and bucket in (select bucket from " + part("b") + " where entities is null))");
    }

    @Override
    public String patch(String type) {
        return "\nunion all select t.\"~told\", case when t.\"~op\" = 1 then " + PostgresJson.of(table, type)
                + " end, null from " + part("t") + " t where t.\"~op\" > 0 and (select tell from replisync_decided)"
                + everything(type, " and not continued");
    }

    @Override
    public String differs() {
        return " or exists (select 1 from " + part("d") + ")";
    }

    @Override
    public String told() {
        return " or exists (select 1 from " + part("t") + " where \"~op\" > 0)";
    }

    @Override
    public String held() {
        return " union all select 1 from " + part("h");
    }
}
