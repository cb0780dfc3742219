package dev.replisync.benchmarks.lab;

import java.io.PrintStream;

/** Tells whoever waits what has been measured. */
public final class Progress {
    private static final PrintStream TERMINAL = System.err;

    private Progress() {}

    /** Prints a line. */
    public static void say(String line) {
        TERMINAL.println(line);
    }
}
