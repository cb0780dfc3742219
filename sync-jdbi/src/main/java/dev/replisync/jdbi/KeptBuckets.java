package dev.replisync.jdbi;

import java.util.List;
import java.util.stream.Collectors;

/**
 * In how many buckets the record of a view lies: about one for each 32 entities, because to go through 1,024 of them takes
 * as long as to go through a view of some hundred entities. Said by how far hashes of 64 bits are shifted to the right.
 *
 * <p>The statements that read the whole view anyway count it first and write as many buckets as fit. The one for a view of
 * which little has changed finds the sums of the buckets that are there; when another number would fit by far it only says
 * so, the next one finds that all buckets differ, and writes them anew when it has something to tell itself, because a
 * pull with nothing to tell writes nothing (rule R14).
 */
final class KeptBuckets {
    /** For 1,024 buckets. */
    static final int MOST = 54;

    /** For 32 buckets. */
    private static final int FEWEST = 59;

    private static final int ENTITIES = 32;

    /** Up to how many are counted: for more there are as many buckets as there can be. */
    private static final int COUNTED_ENTITIES = 8_192;

    /** As {@link KeptSql#LOOK}, with as many buckets as fit the view, which was counted. */
    static final String COUNTED = "replisync_counted_look";

    private KeptBuckets() {}

    /** A query of that name. The stored number is left unless it is far from what fits, or all would be written anew. */
    static String counted(List<KeptTable> tables) {
        String all = tables.isEmpty()
                ? "select 1 where false"
                : tables.stream().map(KeptTable::looking).collect(Collectors.joining(" union all "));
        return COUNTED + " as materialized (select l.no, l.n, l.behind, l.salt, l.start, l.continued, "
                + near("l.shift", "z.entities") + " as shift from " + KeptSql.LOOK
                + " l cross join (select case when count(*) > " + COUNTED_ENTITIES + " then " + ((long) ENTITIES << 10)
                + " else count(*) end as entities from (" + all + " limit " + COUNTED_ENTITIES + " + 1) x) z)";
    }

    /** The number that was chosen by counting, or the stored one if the view was not looked at. */
    static String asCounted() {
        return "coalesce((select shift from " + COUNTED + "), d.shift)";
    }

    /** The number that fits the sums, for the next pull, or the stored one if the view was not looked at. */
    static String bySums() {
        return "(select " + near("d.shift", "z.entities")
                + " from (select sum(entities) as entities from replisync_s) z)";
    }

    /** PostgreSQL's {@code greatest} and {@code least} leave out what is null. */
    private static String near(String stored, String entities) {
        String fits = "least(" + FEWEST + ", greatest(" + MOST + ", 64 - ceil(ln(greatest(" + entities
                + ", 1)::float8 / " + ENTITIES + ") / ln(2::float8))))::int";
        return "case when coalesce(" + entities + ", 0) = 0 or abs(" + fits + " - " + stored + ") <= 1 then " + stored
                + " else " + fits + " end";
    }
}
