package dev.replisync.jdbi;

import java.util.List;

/**
 * One table's part of {@link KeptSql} for a view that has no record: there is nothing to compare it with, so it is gone
 * through once for the record and once for the answer, and not four times.
 */
final class KeptFirst implements KeptPart {
    private final Names names;
    private final KeptTable table;
    private final int source;

    KeptFirst(Names names, KeptTable table, int source) {
        this.names = names;
        this.table = table;
        this.source = source;
    }

    @Override
    public List<String> reading() {
        return List.of(table.all());
    }

    @Override
    public List<String> telling() {
        return List.of();
    }

    /** The buckets go straight to where they are kept: as a result of their own they would be copied. */
    @Override
    public List<String> writing() {
        return List.of(table.part("written") + " as (insert into " + names.viewBucket()
                + " (view_no, source, bucket, entities, sum1, sum2, keys, versions) select e.no, " + source
                + ", b.bucket, b.entities, b.sum1, b.sum2, b.keys, b.versions from replisync_head e cross join ("
                + table.buckets() + ") b)");
    }

    @Override
    public String patch(String type) {
        return table.everything(type, "");
    }

    @Override
    public String differs() {
        return " or true";
    }

    @Override
    public String told() {
        return "";
    }

    @Override
    public String held() {
        return "";
    }
}
