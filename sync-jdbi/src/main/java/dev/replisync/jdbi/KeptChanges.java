package dev.replisync.jdbi;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The part of {@link KeptSql} about a view that has a record: finds how the two differ without joining them. What does not
 * depend on a table's columns is there once for all of them, because each part costs each pull, whether it reads
 * something or not. So what little is told is looked up by ids, and only where all is told the view is read again for it.
 *
 * <p>The record's entities lie in buckets, by a hash of their ids, as many as {@link KeptBuckets} says. With each goes a count and two sums, the
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
final class KeptChanges implements KeptPart {
    /** Up to how many entities of a record are looked up by their ids, and not by reading the view again. */
    private static final int KNOWN = 1_000;

    /** Up to how many entities are told if little is; they are looked up by their ids. */
    private static final int LIMIT = 2_000;

    private final Names names;
    private final List<KeptTable> tables;
    private final boolean limited;

    /** @param limited whether a client that continues is told little, and others nothing; else all of it is told */
    KeptChanges(Names names, List<KeptTable> tables, boolean limited) {
        this.names = names;
        this.tables = tables;
        this.limited = limited;
    }

    /**
     * How the view differs from the latest record: the {@code s}ums of the view, the {@code b}uckets that differ, the keys
     * that are {@code g}iven in these, if few, what is {@code k}nown of the view's entities because their keys are given, of which sources that is not
     * {@code c}omplete, all of the {@code v}iew's entities in these, the {@code d}ifferences from the latest record, and
     * of these and of what has changed since the client's position what the client does {@code h}old. Sources are tables;
     * keys are of one of them only.
     */
    @Override
    public List<String> reading() {
        List<String> parts = new ArrayList<>();
        tables.forEach(table -> parts.addAll(table.writtenDown()));
        if (!limited) {
            parts.add(KeptBuckets.counted(tables));
        }
        String look = limited ? KeptSql.LOOK : KeptBuckets.COUNTED;
        parts.addAll(List.of(
                "replisync_s as materialized ("
                        + all(
                                KeptTable::summing,
                                "0 as source, 0 as bucket, 0::bigint as entities, 0::bigint as sum1, 0::bigint as sum2")
                        + ")",
                "replisync_b as materialized (select coalesce(s.source, r.source) as source, coalesce(s.bucket, r.bucket)"
                        + " as bucket, s.entities, s.sum1, s.sum2, r.keys, r.versions from replisync_s s full join (select"
                        + " * from " + names.viewBucket() + " where view_no = (select no from replisync_look)) r on"
                        + " r.source = s.source and r.bucket = s.bucket where " + differ("s", "r") + ")",
                "replisync_g as materialized (select b.source, l.salt, l.shift, l.start, array(select u.key from replisync_b"
                        + " cross join unnest(keys) u (key) where source = b.source) as keys from (select source from"
                        + " replisync_b group by source having sum(cardinality(keys)) <= " + KNOWN
                        + ") b cross join " + look + " l)",
                "replisync_k as materialized ("
                        + all(
                                tables.stream().filter(KeptTable::isRead).toList(),
                                KeptTable::known,
                                "0 as source, '' collate \"C\" as key, '' collate \"C\" as version, 0 as bucket,"
                                        + " 0::bigint as sum1, 0::bigint as sum2")
                        + ")",
                "replisync_c as materialized (select c.source, l.salt, l.shift, l.start from (select distinct"
                        + " coalesce(b.source, k.source) as source from replisync_b b full join"
                        + " (select source, bucket, count(*) as entities, bit_xor(sum1) as"
                        + " sum1, bit_xor(sum2) as sum2 from replisync_k group by 1, 2) k on k.source = b.source and"
                        + " k.bucket = b.bucket where " + differ("b", "k") + ") c cross join " + look + " l)",
                "replisync_v as materialized (select source, key, version, bucket from replisync_k"
                        + " where source not in (select source from replisync_c)" + each(KeptTable::unknown)
                        + ")",
                "replisync_d as materialized (select coalesce(v.source, o.source) as source, coalesce(v.key, o.key) as key,"
                        + " v.version, o.version as old from replisync_v v full join (select b.source, u.key, u.version"
                        + " from replisync_b b cross join unnest(b.keys, b.versions) u (key, version)) o on o.key = v.key"
                        + " where v.version is distinct from o.version)",
                "replisync_h as materialized (select coalesce(l.source, d.source) as source, coalesce(l.entity_key, d.key)"
                        + " as key, case when l.entity_key is null then d.old else l.version end as held from replisync_d"
                        + " d full join (select distinct on (entity_key) source, entity_key, version from "
                        + names.viewChange() + " where view_no = (select no from replisync_look where behind) and n >"
                        + " (select n from replisync_look) order by entity_key, n) l on l.entity_key = d.key"
                        + (limited ? "" : " where (select continued from replisync_look)") + ")"));
        return parts;
    }

    private static String differ(String a, String b) {
        return Stream.of("entities", "sum1", "sum2")
                .map(sum -> a + "." + sum + " is distinct from " + b + "." + sum)
                .collect(Collectors.joining(" or "));
    }

    @Override
    public List<String> telling(String type) {
        if (!limited) {
            // Each t: what the client is told of one table.
            return tables.stream().map(KeptTable::readAgain).toList();
        }
        return List.of(
                "replisync_few as materialized (select count(*) <= " + LIMIT
                        + " as fits from (select 1 from replisync_h limit " + LIMIT + " + 1) few)",
                // What the client is told if it is few. The planner believes the limit; of many it would make no hash.
                "replisync_p as materialized (select * from replisync_h where (select fits from replisync_few)"
                        + " limit " + LIMIT + ")",
                "replisync_t as materialized (select h.key, " + KeptTable.op("t.version") + " as op, t.json from"
                        + " replisync_p h full join ("
                        + all(
                                table -> table.lookedUp(type),
                                "'' collate \"C\" as key, '' collate \"C\" as version, null::" + type + " as json")
                        + ") t (key, version, json) on t.key = h.key where " + KeptTable.isThere("h.key") + ")");
    }

    @Override
    public List<String> writing() {
        return List.of(
                // What entities were before, for clients that are behind.
                "replisync_noted as (insert into " + names.viewChange() + " (view_no, n, source, entity_key, version)"
                        + " select e.no, e.head, d.source, d.key, d.old from replisync_d d cross join replisync_head e"
                        + " where (select head from replisync_pull) > 0)",
                "replisync_written as (insert into " + names.viewBucket()
                        + " as r (view_no, source, bucket, entities, sum1, sum2, keys, versions) select e.no, b.source,"
                        + " b.bucket, b.entities, b.sum1, b.sum2, v.keys, v.versions from replisync_b b full join (select"
                        + " source, bucket, array_agg(key) as keys, array_agg(version) as versions from replisync_v group by"
                        + " 1, 2) v on v.source = b.source and v.bucket = b.bucket cross join replisync_head e where"
                        + " b.entities is not null on conflict (view_no, source, bucket) do update set entities ="
                        + " excluded.entities, sum1 = excluded.sum1, sum2 = excluded.sum2, keys = excluded.keys,"
                        + " versions = excluded.versions)",
                "replisync_emptied as (delete from " + names.viewBucket() + " where view_no = (select no from"
                        + " replisync_head) and (source, bucket) in (select source, bucket from replisync_b where entities"
                        + " is null))");
    }

    @Override
    public String patch(String type) {
        return limited
                ? "\nunion all select key, json, null from replisync_t where op > 0"
                : each(table -> table.patch(type));
    }

    @Override
    public String differs() {
        return "exists (select 1 from replisync_d)";
    }

    @Override
    public String told() {
        return limited ? "exists (select 1 from replisync_t where op > 0)" : "false" + each(KeptTable::isTold);
    }

    @Override
    public String fits() {
        return limited ? "continued and (select fits from replisync_few)" : "true";
    }

    @Override
    public String shift() {
        return limited ? KeptBuckets.bySums() : KeptBuckets.asCounted();
    }

    private String all(Function<KeptTable, String> part, String none) {
        return all(tables, part, none);
    }

    /** @param none columns, of which there is no row if there are no tables */
    private static String all(List<KeptTable> tables, Function<KeptTable, String> part, String none) {
        return tables.isEmpty()
                ? "select " + none + " where false"
                : tables.stream().map(part).collect(Collectors.joining(" union all "));
    }

    private String each(Function<KeptTable, String> part) {
        return tables.stream().map(part).collect(Collectors.joining());
    }
}
