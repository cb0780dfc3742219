package dev.replisync.benchmarks.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A table of results in Markdown; each row is told on standard error as soon as it is known. */
public final class Report {
    private final String title;
    private final List<String> columns;
    private final List<List<String>> rows = new ArrayList<>();

    /** A table without rows. */
    public Report(String title, String... columns) {
        this.title = title;
        this.columns = List.of(columns);
    }

    /** Adds a row; numbers are rounded to three digits or to a whole number. */
    public void row(Object... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(columns.size() + " cells make a row, not " + cells.length);
        }
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(text(cell));
        }
        rows.add(row);
        Progress.say(title + ": " + String.join(" | ", row));
    }

    private static String text(Object cell) {
        if (cell instanceof Double fraction) {
            return number(fraction);
        }
        return cell instanceof Number number
                ? String.format(Locale.ROOT, "%,d", number.longValue())
                : String.valueOf(cell);
    }

    /** {@return whether there are no rows} */
    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** {@return a number as people read it} */
    public static String number(double value) {
        if (value >= 100) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value);
    }

    /** {@return the table in Markdown} */
    public String markdown() {
        StringBuilder text = new StringBuilder("## " + title + "\n\n");
        text.append(line(columns)).append(line(columns.stream().map(c -> "---").toList()));
        rows.forEach(row -> text.append(line(row)));
        return text.append('\n').toString();
    }

    private static String line(List<String> cells) {
        return cells.stream().collect(Collectors.joining(" | ", "| ", " |\n"));
    }
}
