package dev.replisync.jdbi;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The one statement of a pull whose records are kept: it reads the bookkeeping, compares the user's view with the latest
 * record, writes what differs and returns what the client lacks, all as of one moment.
 *
 * <p>The latest record of a history is kept whole, in buckets as {@link KeptChanges} says. Those of earlier positions
 * follow from it: each change is noted with the version that was held before, so there is a record for each position, at
 * the price of what changed.
 *
 * <p>The joins are full ones, which are hashed or merged whatever the planner believes: it knows nothing about what was
 * just written, and a nested loop over two large views would not end.
 *
 * <p>It comes in three forms, each without what it can never use, as each step of a plan costs each pull: for a client
 * that continues and is told little, which is all but the first pulls and those after a long time; for one that is told
 * much; and for a view without a history, which compares nothing, see {@link KeptFirst}.
 *
 * <p>None of this compares the view if nobody has written since it was last found to be what the latest record says. The
 * proof is how many transactions were over, for the snapshot that the view was read in: what is over for one snapshot is
 * so for every later one, so equal numbers mean the same transactions. It is stored with a position. If there was nothing
 * to tell only the node knows it, and only for one run of the database server: a copy that is put back in its place counts
 * on from an earlier number.
 */
final class KeptSql {
    static final String VIEW_VERSION = "keptView";
    static final String GROUP = "keptGroup";
    static final String HELD_VIEW = "keptHeld";
    static final String HELD_NUMBER = "keptNumber";
    static final String NOW = "keptNow";
    static final String SEEN = "keptSeen";
    static final String USED = "keptUsed";
    static final String QUERY = "keptQuery";
    static final String KNOWN = "keptKnown";

    private static final Set<String> PARAMETERS = Stream.concat(
                    NamedSql.PARAMETERS.stream(),
                    Stream.of(VIEW_VERSION, GROUP, HELD_VIEW, HELD_NUMBER, NOW, SEEN, USED, QUERY, KNOWN))
            .collect(Collectors.toUnmodifiableSet());

    /** The proof that the node knows, and not the database. */
    private static final String KNOWN_PROOF = "s.started || ' ' || s.done || ' ' || :keptQuery";

    /** One row if the view is looked at. */
    static final String LOOK = "replisync_look";

    private final Node node;
    private final Names names;
    private final KeptPart view;
    private final boolean limited;
    private final String type;

    private KeptSql(Node node, KeptPart view, boolean limited) {
        this.node = node;
        this.names = node.names();
        this.view = view;
        this.limited = limited;
        this.type = PostgresJson.type(node.tables().all());
    }

    /** For whatever differs, and for a client that does not continue. */
    static NamedSql all(Node node, List<ViewSql> tables) {
        return parse(node, new KeptChanges(node.names(), parts(tables, KeptBuckets.COUNTED), false), false);
    }

    /** For a client that continues, where little differs. Else it does nothing, and says so. */
    static NamedSql limited(Node node, List<ViewSql> tables) {
        return parse(node, new KeptChanges(node.names(), parts(tables, LOOK), true), true);
    }

    /** For a view that has no history, of which the caller has made sure. */
    static NamedSql first(Node node, List<ViewSql> tables) {
        return parse(node, new KeptFirst(node.names(), parts(tables, KeptBuckets.COUNTED)), false);
    }

    private static List<KeptTable> parts(List<ViewSql> tables, String look) {
        return IntStream.range(0, tables.size())
                .mapToObj(i -> new KeptTable(tables.get(i), i, look))
                .toList();
    }

    private static NamedSql parse(Node node, KeptPart view, boolean limited) {
        return NamedSql.parse(new KeptSql(node, view, limited).statement(), PARAMETERS);
    }

    private String statement() {
        List<String> parts = new ArrayList<>(reading());
        parts.addAll(view.reading());
        parts.addAll(view.telling(type));
        parts.addAll(writing());
        parts.addAll(view.writing());
        return "with " + String.join(",\n", parts) + "\n" + bookkeeping() + view.patch(type);
    }

    private List<String> reading() {
        return List.of(
                "replisync_snap as materialized (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
                        + " - (select count(*) from pg_snapshot_xip(pg_current_snapshot())) as done,"
                        + " extract(epoch from pg_postmaster_start_time()) as started)",
                "replisync_meta as materialized (select epoch, ("
                        + node.epochs().isCurrent() + ") as current from " + names.meta() + ")",
                "replisync_owner as materialized (select user_id, space_id, last_seen, coalesce((select counter from "
                        + names.pull() + " where group_id = :keptGroup), 0) as counter from " + names.group()
                        + " where id = :keptGroup)",
                "replisync_ids as materialized (select coalesce(array_agg(id order by id), '{}') as ids,"
                        + " coalesce(array_agg(last_mutation_id order by id), '{}') as last_ids from "
                        + names.client() + " where group_id = :keptGroup)",
                "replisync_held as materialized (select v.no, p.n, p.group_id = :keptGroup as own, p.ids, p.last_ids,"
                        + " p.at from " + names.view() + " v join " + names.viewPosition()
                        + " p on p.view_no = v.no where v.id = :keptHeld and p.n = :keptNumber::bigint)",
                // No row if nothing may be read. Position -1 holds nothing.
                "replisync_pull as materialized (select v.id, coalesce(v.no, 0) as no, coalesce(v.head, 0) as head,"
                        + " coalesce(v.changed, 0) as changed, coalesce(v.salt, hashtextextended("
                        + "gen_random_uuid()::text, 0)) as salt, coalesce(v.shift, " + KeptBuckets.MOST
                        + ") as shift, o.counter, h.no as held_no, h.n as held_n,"
                        + " h.at, coalesce(v.id = :keptHeld and v.head < :keptNumber::bigint, false) as restored,"
                        + " coalesce(v.no = h.no, false) as continued, case when v.no = h.no then h.n else -1 end"
                        // What was read of another database is not in this one's transactions.
                        + " as n, coalesce((v.proof = s.done || ' ' || :keptQuery or v.no = h.no and :keptKnown = "
                        + KNOWN_PROOF + ") and (v.no = h.no and h.n >= v.changed"
                        + (limited ? "" : " or v.no is distinct from h.no")
                        + ") and not exists (select 1 from pg_foreign_table), false) as proven, i.ids, i.last_ids, case when"
                        + " h.own then h.ids end as told_ids, case when h.own then h.last_ids end as told_last_ids from"
                        + " replisync_owner o cross join"
                        + " replisync_snap s cross join replisync_meta m cross join replisync_ids i left join"
                        + " replisync_held h on true left join " + names.view()
                        + " v on v.user_id = :user and v.space_id = :space and v.profile_id = :profile and"
                        + " v.view_version = :keptView and v.epoch = m.epoch"
                        + " where m.current and o.user_id = :user and o.space_id = :space)",
                // No row if the view need not be looked at, or not now.
                "replisync_look as materialized (select no, n, n < changed as behind, salt, shift, age('3'::xid) as start,"
                        + " continued from replisync_pull where not proven" + (limited ? " and continued" : "") + ")");
    }

    private List<String> writing() {
        return List.of(
                "replisync_decided as materialized (select *, fits and (not continued or (" + view.told()
                        + ") or (coalesce(told_ids, '{}'), coalesce(told_last_ids, '{}')) is distinct from (ids, last_ids))"
                        + " as tell, (" + view.differs() + ") as differs from (select p.*, " + view.fits()
                        + " as fits from replisync_pull p) p)",
                // A history that has given out a higher position than its latest was put back to an earlier state. It
                // goes on under another name, because its numbers will be given out again.
                // What is over, next time, is this transaction too, unless it was counted as such before.
                "replisync_head as (insert into " + names.view() + " as v (id, user_id, space_id, profile_id,"
                        + " view_version, epoch, head, changed, proof, salt, shift) select case when d.no > 0 and not d.restored then"
                        + " d.id else gen_random_uuid()::text end, :user, :space, :profile, :keptView, m.epoch, next.n,"
                        + " case when d.differs then next.n else d.changed end, s.done + case when"
                        + " pg_visible_in_snapshot(pg_current_xact_id(), pg_current_snapshot()) then 0 else 1 end"
                        + " || ' ' || :keptQuery, d.salt, " + view.shift()
                        + " from replisync_decided d cross join replisync_meta m cross join"
                        + " replisync_snap s cross join lateral (select greatest(d.head, d.counter) + 1 as n) next"
                        + " where d.tell on conflict (user_id, space_id, profile_id, view_version, epoch) do update set"
                        + " id = excluded.id, head = excluded.head, changed = excluded.changed, proof = excluded.proof, shift ="
                        + " excluded.shift"
                        + " returning id, no, head)",
                "replisync_position as (insert into " + names.viewPosition() + " (view_no, n, group_id, ids, last_ids,"
                        + " at) select h.no, h.head, :keptGroup, d.ids, d.last_ids, :keptNow::bigint from"
                        + " replisync_decided d cross join replisync_head h)",
                "replisync_used as (update " + names.viewPosition() + " p set at = :keptNow::bigint from"
                        + " replisync_decided d where d.fits and not d.tell and p.view_no = d.held_no and p.n = d.held_n"
                        + " and d.at < :keptUsed::bigint)",
                "replisync_counted as (insert into " + names.pull()
                        + " as c (group_id, counter) select :keptGroup, head"
                        + " from replisync_head on conflict (group_id) do update set counter = excluded.counter)",
                // A push that holds the group's row writes the mark itself.
                "replisync_seen as (update " + names.group()
                        + " set last_seen = :keptNow::bigint where id in (select id"
                        + " from " + names.group()
                        + " where id = :keptGroup and last_seen < :keptSeen::bigint and exists"
                        + " (select 1 from replisync_decided where fits) for update skip locked))");
    }

    /** The first row: in the last column what is no patch. */
    private String bookkeeping() {
        return "select null::text as key, null::" + type
                + " as json, array[m.epoch, m.current::text, o.user_id, o.space_id,"
                + " (d.fits is not null)::text, d.fits::text, d.continued::text, h.id, h.head::text,"
                + " cardinality(d.ids)::text, cardinality(held.ids)::text, case when d.continued and d.fits and not d.tell and"
                + " not d.differs then " + KNOWN_PROOF + " end] || d.ids || d.last_ids::text[] || held.ids"
                + " || held.last_ids::text[] as info from replisync_meta m cross join replisync_owner o cross join"
                + " replisync_snap s left join"
                + " replisync_decided d on true left join replisync_head h on true left join replisync_held held on"
                + " held.own";
    }
}
