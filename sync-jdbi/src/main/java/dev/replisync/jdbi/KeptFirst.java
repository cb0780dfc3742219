package dev.replisync.jdbi;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The part of {@link KeptSql} about a view that has no record: there is nothing to compare it with, so it is gone
 * through once for the record and once for the answer, and not four times.
 */
final class KeptFirst implements KeptPart {
    private final Names names;
    private final List<KeptTable> tables;

    KeptFirst(Names names, List<KeptTable> tables) {
        this.names = names;
        this.tables = tables;
    }

    @Override
    public List<String> reading() {
        return Stream.concat(
                        tables.stream().flatMap(table -> table.writtenDown().stream()),
                        Stream.of(KeptBuckets.counted(tables)))
                .toList();
    }

    @Override
    public List<String> telling(String type) {
        return List.of();
    }

    /** The buckets go straight to where they are kept: as a result of their own they would be copied. */
    @Override
    public List<String> writing() {
        return tables.stream()
                .map(table -> table.part("written") + " as (insert into " + names.viewBucket()
                        + " (view_no, source, bucket, entities, sum1, sum2, keys, versions) select e.no, b.* from"
                        + " replisync_head e cross join (" + table.buckets() + ") b)")
                .toList();
    }

    @Override
    public String patch(String type) {
        return tables.stream().map(table -> table.everything(type, "")).collect(Collectors.joining());
    }

    @Override
    public String differs() {
        return "true";
    }

    @Override
    public String told() {
        return "false";
    }

    @Override
    public String fits() {
        return "true";
    }

    @Override
    public String shift() {
        return KeptBuckets.asCounted();
    }
}
